import { loadConfig, openConfig } from '@code-mode/core/config';
import { createCodeMode } from '@code-mode/mastra';
import { Agent } from '@mastra/core/agent';
import { chooseModel } from './model.ts';

const question = process.argv[2] ?? 'How many days are left until New Year?';

// Tools, storage and limits are those of the config file.
const config = await openConfig(await loadConfig());
const codeMode = createCodeMode(config.options);
try {
  const agent = new Agent({
    id: 'assistant',
    name: 'Assistant',
    model: chooseModel(),
    instructions: codeMode.instructions,
    tools: codeMode.tools,
  });
  const { text } = await agent.generate(question, { maxSteps: 10 });
  console.log(text);
} finally {
  await codeMode.close();
  await config.close();
}
