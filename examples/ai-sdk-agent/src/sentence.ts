interface Found {
  country: string;
  gain: number;
  region: string;
  average: number;
}

/** The answer of a scripted model, from the last result it has read. */
export function sentence(read: string[], first: number, last: number): string {
  const json = read.map((text) => /Result: (\{.*\})/u.exec(text)?.[1]).findLast((found) => found !== undefined);
  if (json === undefined) return 'I could not find out.';
  const { country, gain, region, average } = JSON.parse(json) as Found;
  return `${country} gained most: ${gain.toFixed(1)} years from ${first} to ${last}. Of the regions it was ${region}, with ${average.toFixed(1)} years on average.`;
}
