/** Asks one question and waits for the line. */
export type Ask = (question: string, signal?: AbortSignal) => Promise<string>;

/** The answer, which may be shortened; the first of `answers` for an empty line. Asks again until it understands. */
export async function choose<Answer extends string>(
  ask: Ask,
  question: string,
  answers: readonly Answer[],
  signal?: AbortSignal,
): Promise<Answer> {
  for (let hint = ''; ; hint = `Answer one of: ${answers.join(', ')}.\n`) {
    const given = (await ask(`${hint}${question}`, signal)).trim().toLowerCase();
    const found = given === '' ? answers[0] : answers.find((answer) => answer.startsWith(given));
    if (found !== undefined) return found;
  }
}
