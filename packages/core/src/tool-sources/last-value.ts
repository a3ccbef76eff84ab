/** The one value, or the last of a stream of values: frameworks let a tool yield what it has so far. */
export async function lastValue(result: unknown): Promise<unknown> {
  if (!(Symbol.asyncIterator in Object(result))) return await result;
  let last: unknown;
  for await (const value of result as AsyncIterable<unknown>) last = value;
  return last;
}
