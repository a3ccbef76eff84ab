import { rightAnswer } from './data-tools.ts';
import type { Transcript } from './transcript.ts';

/** Compares an answer with what TypeScript computes, says what came of it, and sets the exit code. */
export function judge(
  transcript: Transcript,
  { answer, years, missing }: { answer: string; years: [first: number, last: number]; missing: string[] },
): boolean {
  const expected = Object.values(rightAnswer(...years));
  const wrong = [...expected.filter((value) => !answer.includes(value)), ...missing];
  if (wrong.length === 0) {
    transcript.say('demo', `Right: TypeScript computes ${expected.join(', ')} from the same data.`);
    return true;
  }
  transcript.say('demo', `WRONG: missing ${wrong.join(', ')}; expected ${expected.join(', ')}.`);
  process.exitCode = 1;
  return false;
}
