import * as aiSdk from '@code-mode/ai-sdk';
import * as langchain from '@code-mode/langchain';
import * as mastra from '@code-mode/mastra';
import * as openAIAgents from '@code-mode/openai-agents';
import { expect, test } from 'vitest';

const options = { extraTools: true, onApproval: () => [] } as const;

// What the model reads of `runCode` is compared in whole loops.
test('gives every framework the same tools, in the same words', async () => {
  await using inAiSdk = aiSdk.createCodeMode(options);
  await using inMastra = mastra.createCodeMode(options);
  await using inLangChain = langchain.createCodeMode(options);
  await using inOpenAIAgents = openAIAgents.createCodeMode(options);
  const opened = [inAiSdk, inMastra, inLangChain, inOpenAIAgents];
  const told = opened.map(({ instructions, tools }) => {
    const list = Array.isArray(tools)
      ? tools.map(({ name, description }) => [name, description])
      : Object.entries(tools).map(([name, { description }]) => [name, description]);
    const words = list.map(([name, description]) => [name, name === 'runCode' || description]);
    return { instructions, tools: Object.fromEntries(words) };
  });
  expect(Object.keys(told[0]?.tools).sort()).toEqual(['listArtifacts', 'resetSession', 'runCode', 'searchWorkflows']);
  for (const each of told) expect(each).toEqual(told[0]);
});
