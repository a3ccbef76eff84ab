import { say } from './say.ts';
import { orders, refunds } from './shop.ts';

/** Compares what was paid with what should have been, and sets the exit code. */
export function judge(answer: string): void {
  const broken = orders.filter(({ note }) => note.includes('broken'));
  const expected = broken.filter(({ total }) => total <= 100).map(({ id, total }) => `${id} ${total}`);
  const paid = refunds.map(({ id, amount }) => `${id} ${amount}`).sort();
  const unsaid = broken.filter(({ id }) => !answer.includes(id)).map(({ id }) => id);
  if (paid.join() === expected.join() && unsaid.length === 0) {
    say('demo', `Right: ${paid.join(' and ')} were refunded, each once, and nothing else.`);
    return;
  }
  say(
    'demo',
    `WRONG: refunded ${paid.join(', ') || 'nothing'}, expected ${expected.join(', ')}; not told of: ${unsaid}.`,
  );
  process.exitCode = 1;
}
