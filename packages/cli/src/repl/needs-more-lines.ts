/**
 * Whether what was typed so far goes on: a bracket or a string is open, the line ends in a backslash, or a block has
 * begun and no empty line has ended it. Told from the text alone, so that nothing runs for it.
 */
export function needsMoreLines(lines: readonly string[]): boolean {
  const { isOpen, hasBlock } = scan(lines.join('\n'));
  return isOpen || (hasBlock && lines.at(-1)?.trim() !== '');
}

/** Strings and comments as one piece, brackets, line ends, and whatever else, a character at a time. */
const TOKENS =
  /(?<triple>"""|''')(?<body>(?:\\[\s\S]|(?!\k<triple>)[^\\])*)(?<end>\k<triple>)?|(["'])(?:\\[\s\S]|(?!\4)[^\\\n])*(?:\4|$|(?=\n))|#[^\n]*|\\\n|\\$|[([{]|[)\]}]|\n|[^\S\n]+|[\s\S]/gu;

function scan(code: string): { isOpen: boolean; hasBlock: boolean } {
  let depth = 0;
  let isOpen = false;
  let hasBlock = false;
  let first = '';
  let last = '';
  for (const { 0: token, groups } of `${code}\n`.matchAll(TOKENS)) {
    isOpen = (groups?.triple !== undefined && groups.end === undefined) || token.startsWith('\\');
    if ('([{'.includes(token)) depth++;
    if (')]}'.includes(token)) depth = Math.max(0, depth - 1);
    if (token === '\n' && depth === 0) {
      if (last === ':' || first === '@') hasBlock = true;
      first = '';
      last = '';
    } else if (token.trim() !== '' && !token.startsWith('#') && !token.startsWith('\\')) {
      first ||= token;
      last = token;
    }
  }
  return { isOpen: isOpen || depth > 0, hasBlock };
}
