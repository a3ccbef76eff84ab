/**
 * Text from tool descriptions, made safe to show: controls and invisible characters (bidi, zero-width, tags, private
 * use), which can hide instructions or reorder what is read, are removed. Line breaks become `\n`.
 */
export function plainText(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085\v\f]/gu, '\n')
    .replace(/\t/gu, '  ')
    .replace(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu, '');
}

/** One line of at most `limit` characters. */
export function oneLine(text: string, limit: number): string {
  return shorten(plainText(text).replace(/\s+/gu, ' ').trim(), limit);
}

/** The first sentence, as one line. */
export function firstSentence(text: string, limit = 140): string {
  const paragraph =
    plainText(text)
      .trim()
      .split(/\n\s*\n/u)[0] ?? '';
  const line = paragraph.replace(/\s+/gu, ' ').trim();
  // A full stop inside `e.g. this` or `v1. 2` ends no sentence: what follows must start like one.
  const end = /[.!?](?=\s+[\p{Lu}\p{Lo}"'`(*[])/u.exec(line);
  const sentence =
    end === null || /\b(?:e\.g|i\.e|etc|vs)$/u.test(line.slice(0, end.index)) ? line : line.slice(0, end.index + 1);
  return shorten(sentence, limit);
}

/** Cuts at `limit` characters with `…`, never inside a surrogate pair. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${safeSlice(text, 0, limit - 1).trimEnd()}…`;
}

/** `slice` that never splits a surrogate pair: it drops the half. */
export function safeSlice(text: string, start: number, end = text.length): string {
  const from = isLow(text, start) && isHigh(text, start - 1) ? start + 1 : start;
  const to = isLow(text, end) && isHigh(text, end - 1) ? end - 1 : end;
  return text.slice(from, Math.max(from, to));
}

function isHigh(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xd800 && code <= 0xdbff;
}

function isLow(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff;
}
