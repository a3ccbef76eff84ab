import { describe, expect, it } from 'vitest';
import { HARNESSES } from './adapters.ts';
import { approvalStories } from './approval-stories.ts';
import { endingStories } from './ending-stories.ts';
import { programStories } from './program-stories.ts';
import type { Story, Telling } from './story.ts';
import { tell } from './tell.ts';
import { valueStories } from './value-stories.ts';

const stories: Story[] = [...valueStories, ...programStories, ...approvalStories, ...endingStories];

describe('one story, four frameworks', () => {
  it.each(stories)('$name', async (story) => {
    const tellings = await Promise.all(
      Object.entries(HARNESSES).map(async ([adapter, harness]) => ({ adapter, ...(await tell(harness, story)) })),
    );
    for (const { adapter, ...telling } of tellings)
      expect({ adapter, ...inShort(telling) }).toEqual({ adapter, ...expected(story, adapter) });

    for (const { processes } of tellings) expect(processes).toBeGreaterThan(0);

    const [first, ...others] = tellings.filter(({ adapter }) => !story.differs?.[adapter]);
    for (const other of others) expect(other).toEqual({ ...first, adapter: other.adapter });
    for (const { adapter, runs } of tellings)
      if (!story.differs?.[adapter]?.own) expect({ adapter, runs }).toEqual({ adapter, runs: first?.runs });

    for (const { seen } of tellings) expect(JSON.stringify(seen)).toContain(story.reads ?? '');
  });

  it('has at least forty stories, each told once', () => {
    expect(new Set(stories.map(({ name }) => name)).size).toBe(stories.length);
    expect(stories.length).toBeGreaterThanOrEqual(40);
  });
});

/** What a story says itself: what was done and asked, and what is left. */
function expected({ log = [], unordered, ends, waiting = 0, differs }: Story, adapter: string) {
  const own = { ends, waiting, ...differs?.[adapter]?.own };
  return { log: unordered ? [...log].sort() : log, ends: [...own.ends].sort(), waiting: own.waiting };
}

/** A run that waits when the loop ends is aborted when code mode is closed. */
function inShort({ log, runs, waiting }: Telling) {
  const ends = runs.map(({ status, reason = status }) => reason);
  return { log, ends: ends.sort(), waiting };
}
