/**
 * Text with nothing hidden in it: what a terminal would obey and what no reader sees (controls, escape sequences,
 * bidirectional marks, zero-width characters, tags) is written as Python escapes, e.g. `\u202e`. Line breaks and tabs
 * stay, and so do the joiners that scripts and emoji are made with.
 */
export function visibleText(text: string): string {
  return text.replace(/\r\n/gu, '\n').replace(hidden, escapeCharacter);
}

/** As `visibleText`, on one line. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/[\n\t]/gu, escapeCharacter);
}

/** A character as a Python string literal has it: `\u202e`. */
export function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

const hidden =
  /(?!\n|\t|\u00ad|\u200c|\u200d|\p{Variation_Selector})(?:[\p{Cc}\p{Zl}\p{Zp}\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point})|[\u{e0100}-\u{e01ef}]/gu;
