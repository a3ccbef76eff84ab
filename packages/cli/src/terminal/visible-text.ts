/** Text that somebody is to judge: what could hide or reorder a part of it is spelled out, as `\u{1b}`. */
export function visibleText(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
