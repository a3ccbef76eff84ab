import { generateText, isStepCount } from 'ai';
import { expect, it, vi } from 'vitest';
import { createCodeMode } from '../src/index.ts';
import { programmer, toolResultsSeen } from './mock-model.ts';

vi.mock('ai', async (original) => ({ ...(await original<object>()), experimental_toolCaller: undefined }));

it('works with a version of the SDK that has no tool callers', async () => {
  await using codeMode = createCodeMode();
  expect('experimental_toolCaller' in codeMode.tools.runCode).toBe(false);
  const model = programmer('1 + 1');
  await generateText({ model, tools: codeMode.tools, prompt: 'go', stopWhen: isStepCount(2) });
  expect(toolResultsSeen(model)).toEqual([{ type: 'text', value: 'Result: 2' }]);
});
