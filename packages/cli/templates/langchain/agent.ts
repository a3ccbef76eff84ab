import { loadConfig, openConfig } from '@code-mode/core/config';
import { createCodeMode } from '@code-mode/langchain';
import { createAgent } from 'langchain';
import { chooseModel } from './model.ts';

const question = process.argv[2] ?? 'How many days are left until New Year?';

// Tools, storage and limits are those of the config file.
const config = await openConfig(await loadConfig());
const codeMode = createCodeMode(config.options);
try {
  const agent = createAgent({
    model: await chooseModel(),
    tools: codeMode.tools,
    systemPrompt: codeMode.instructions,
  });
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: question }] });
  console.log(messages.at(-1)?.text);
} finally {
  await codeMode.close();
  await config.close();
}
