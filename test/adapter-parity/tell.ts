import { createHash } from 'node:crypto';
import type { ApprovalDecision, ApprovalRequest, CallRecord, RunResult, SessionEvent } from '@code-mode/core';
import type { AdapterHarness, AdapterOptions, LoopOutcome, OpenAdapter } from '@code-mode/core/testing';
import { alive, until } from '../../packages/core/test/executors/processes.ts';
import type { Story, Telling } from './story.ts';
import { World } from './world.ts';

/** Tells a story in one framework: whole agent loops, then everything is closed. */
export async function tell(harness: AdapterHarness, story: Story): Promise<Telling> {
  const world = new World();
  const ends: RunResult[] = [];
  const running = new Map<string, PromiseWithResolvers<void>>();
  const options: AdapterOptions = {
    tools: world.tools(),
    ...(story.decisions && { approval: 'framework' as const }),
    ...(story.onApproval && { onApproval: answerWith(story.onApproval, world) }),
    ...(story.limits && { limits: story.limits }),
    onEvent: (event: SessionEvent) => {
      if (event.type === 'kernel-start' && event.pid !== undefined) world.processes.push(event.pid);
      if (event.type === 'run-start') running.set(event.runId, Promise.withResolvers());
      if (event.type !== 'run-end') return;
      ends.push(event.result);
      running.get(event.runId)?.resolve();
      running.delete(event.runId);
    },
  };
  const conversations = Array.isArray(story.programs) ? undefined : Object.entries(story.programs);
  const opened: OpenAdapter[] = [];
  const open = async () => {
    const adapter = await harness.open({ ...options, ...(conversations && { perConversation: true as const }) });
    opened.push(adapter);
    return adapter;
  };
  const adapter = await open();
  const resumeIn = story.restarts && (await open());
  const loop = async (programs: string[], conversation?: string) => {
    let round = 0;
    const outcome = await adapter
      .loop({
        programs,
        signal: world.aborting.signal,
        ...(conversation !== undefined && { conversation }),
        ...(resumeIn && { resumeIn }),
        decide: (asked) => {
          for (const path of new Set([...asked.matchAll(ASKED_PATH)].map(([, path]) => path)))
            world.log.push(`asked ${path}`);
          const decisions = story.decisions ?? [];
          return decisions[Math.min(round++, decisions.length - 1)] ?? false;
        },
      })
      .catch((error: unknown) => {
        if (world.aborting.signal.aborted) return undefined;
        throw error;
      });
    // How a loop ends that was aborted is its framework's affair; its runs end all the same.
    if (!world.aborting.signal.aborted) return outcome;
    await Promise.all([...running.values()].map(({ promise }) => promise));
    return undefined;
  };
  try {
    const outcomes: (LoopOutcome | undefined)[] = conversations
      ? await Promise.all(conversations.map(([name, programs]) => loop(programs, name)))
      : [await loop(story.programs as string[])];
    const waiting = running.size;
    await Promise.all(opened.map((each) => each.close()));
    // What Python started dies after Python.
    await until(() => !world.processes.some(alive));
    return {
      description: outcomes[0]?.description ?? '',
      seen: steady(outcomes.map((outcome) => outcome?.seen)),
      results: steady(outcomes.map((outcome) => outcome?.results.filter((result) => result !== undefined))),
      runs: (steady(ends) as Telling['runs']).sort(byText),
      log: story.unordered ? world.log.sort() : world.log,
      answers: outcomes.map((outcome) => outcome?.finalText ?? 'aborted'),
      waiting,
      processes: world.processes.length,
    };
  } finally {
    await Promise.all(opened.map((each) => each.close()));
  }
}

/** Each framework shows a call in its own way, some more than once: `path="a"`, `"path":"a"`, the same in a string. */
const ASKED_PATH = /path[\\"']*[=:] ?[\\"']+([\w./ -]+)/gu;

/** What the OpenAI Agents SDK says of a rejection to which nobody gave a reason, and what core says. */
const DENIED = [/Tool execution was not approved\./gu, 'The call was denied.'] as const;

function answerWith(answer: (path: string) => boolean | string, world: World) {
  return (requests: ApprovalRequest[]): ApprovalDecision[] =>
    requests.map(({ requestId, arguments: { path } }) => {
      world.log.push(`asked ${path}`);
      const given = answer(String(path));
      return typeof given === 'string'
        ? { requestId, approved: false, message: given }
        : { requestId, approved: given };
    });
}

/**
 * Without the names and times that every run has of its own, and what frameworks word in their way. Long texts by their
 * digest, so that a difference is readable; calls in the order in which they were made, not in which they ended.
 */
function steady(value: unknown): unknown {
  const text = JSON.stringify(value, (key, item: unknown) => {
    if (key === 'durationMs') return undefined;
    if (key === 'calls') return (item as CallRecord[]).toSorted((a, b) => a.callId - b.callId);
    if (typeof item !== 'string' || item.length < 30_000) return item;
    return `${item.length} characters, ${createHash('sha256').update(item).digest('hex')}`;
  });
  const names = text?.replaceAll(/[0-9a-f]{8}-r(?=\d)/gu, 'run-').replaceAll(/0x[0-9a-f]{6,}/gu, '0x');
  return names && JSON.parse(names.replaceAll(...DENIED));
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
