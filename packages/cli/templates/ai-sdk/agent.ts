import { createCodeMode } from '@code-mode/ai-sdk';
import { loadConfig, openConfig } from '@code-mode/core/config';
import { generateText, stepCountIs } from 'ai';
import { chooseModel } from './model.ts';

const question = process.argv[2] ?? 'How many days are left until New Year?';

// Tools, storage and limits are those of the config file.
const config = await openConfig(await loadConfig());
const codeMode = createCodeMode(config.options);
try {
  const { text } = await generateText({
    model: await chooseModel(),
    system: codeMode.instructions,
    tools: codeMode.tools,
    stopWhen: stepCountIs(10),
    prompt: question,
  });
  console.log(text);
} finally {
  await codeMode.close();
  await config.close();
}
