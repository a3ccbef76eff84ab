/** Whether a name fits one of the patterns, in which `*` stands for any text. */
export function matchesName(patterns: string | readonly string[], name: string): boolean {
  return [patterns].flat().some((pattern) => fits(pattern, name));
}

/** Without a regular expression: a pattern of many stars takes no longer than one of few. */
function fits(pattern: string, name: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return name === pattern;
  if (name.length < start.length + end.length || !name.startsWith(start) || !name.endsWith(end)) return false;
  let at = start.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - end.length;
}
