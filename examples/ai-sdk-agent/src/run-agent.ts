import { createCodeMode } from '@code-mode/ai-sdk';
import type { SessionEvent, Workflow } from '@code-mode/core';
import { FileStorage } from '@code-mode/core/storage/file';
import { isStepCount, streamText } from 'ai';
import { chooseModel } from './choose-model.ts';
import { dataTools } from './data-tools.ts';
import { storeFolder } from './output.ts';
import type { Script } from './scripted-model.ts';
import type { Transcript } from './transcript.ts';

export interface AgentOptions {
  question: string;
  /** What the model does when there is no real one. */
  script: Script;
  transcript: Transcript;
  onEvent?(event: SessionEvent): void;
}

/** Lets an agent answer one question. Its session ends with it; what it saved stays in the store. */
export async function runAgent(options: AgentOptions): Promise<{ answer: string; workflows: Workflow[] }> {
  const { question, script, transcript } = options;
  transcript.say('user', question);
  const onEvent = (event: SessionEvent) => {
    transcript.onEvent(event);
    options.onEvent?.(event);
  };
  await using storage = new FileStorage(storeFolder);
  await using codeMode = createCodeMode({ tools: dataTools, storage, onEvent });
  const { tools, instructions, session } = codeMode;
  const { stream, text } = streamText({
    model: await chooseModel(script),
    tools,
    instructions,
    prompt: question,
    stopWhen: isStepCount(15),
    onError: ({ error }) => transcript.say('demo', `The model failed: ${String(error)}`),
  });
  for await (const part of stream) {
    if (part.type === 'tool-call' && !part.dynamic) transcript.say('model', part.input.code);
    if (part.type === 'tool-error') transcript.say('demo', String(part.error));
  }
  // Without an answer the check that follows says what is missing.
  const answer = await Promise.resolve(text).catch(() => '');
  transcript.say('model', answer);
  return { answer, workflows: await session.workflows.list() };
}
