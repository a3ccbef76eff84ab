import { createCodeMode } from '@code-mode/ai-sdk';
import type { SessionEvent } from '@code-mode/core';
import { RedisStorage } from '@code-mode/core/storage/redis';
import { generateText, isStepCount } from 'ai';
import { say } from './say.ts';
import { type Script, scriptedModel } from './scripted-model.ts';
import { shopTools } from './shop-tools.ts';

export interface Agent {
  name: string;
  question: string;
  /** What its model writes. A real model in place of the scripted one needs no script. */
  script: Script;
}

export interface AgentReport {
  answer: string;
  /** What its programs called and got an answer from, e.g. `tools.list_orders`: how many times. */
  calls: Map<string, number>;
}

/** Lets an agent answer its question, with a connection and a Python of its own. */
export async function runAgent({ name, question, script }: Agent, redisUrl: string): Promise<AgentReport> {
  say('user', `To the ${name}: ${question}`);
  const calls = new Map<string, number>();
  const onEvent = (event: SessionEvent) => {
    if (event.type === 'call-end' && event.status === 'completed')
      calls.set(event.name, (calls.get(event.name) ?? 0) + 1);
    if (event.type === 'run-start') say(name, event.code);
    if (event.type === 'output') say('python', event.text);
    if (event.type === 'run-end') say('python', outcome(event));
  };
  await using storage = new RedisStorage({ url: redisUrl });
  await using codeMode = createCodeMode({ tools: shopTools, storage, onEvent });
  const { tools, instructions } = codeMode;
  const { text } = await generateText({
    model: scriptedModel(script),
    tools,
    instructions,
    prompt: question,
    stopWhen: isStepCount(10),
  });
  say(name, text);
  const toolCalls = [...calls].filter(([called]) => called.startsWith('tools.'));
  say('demo', `The ${name} called ${toolCalls.map(([called, count]) => `${called} ${count} times`).join(', ')}.`);
  return { answer: text, calls };
}

function outcome({ result }: SessionEvent & { type: 'run-end' }): string {
  if (result.status === 'completed') return result.result === undefined ? '' : `→ ${JSON.stringify(result.result)}`;
  return result.status === 'failed' ? result.error.traceback : `(${result.status})`;
}
