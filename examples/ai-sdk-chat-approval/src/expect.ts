/** Ends the check when something is not as it should be. @throws Error */
export function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
