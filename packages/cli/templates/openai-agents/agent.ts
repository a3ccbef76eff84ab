import { loadConfig, openConfig } from '@code-mode/core/config';
import { createCodeMode } from '@code-mode/openai-agents';
import { Agent, run } from '@openai/agents';
import { chooseModel } from './model.ts';

const question = process.argv[2] ?? 'How many days are left until New Year?';

// Tools, storage and limits are those of the config file.
const config = await openConfig(await loadConfig());
const codeMode = createCodeMode(config.options);
try {
  const { instructions, tools } = codeMode;
  const agent = new Agent({ name: 'Assistant', model: chooseModel(), instructions, tools });
  const { finalOutput } = await run(agent, question);
  console.log(finalOutput);
} finally {
  await codeMode.close();
  await config.close();
}
