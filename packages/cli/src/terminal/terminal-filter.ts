/**
 * What a program writes, made safe for a terminal: colours, tabs and carriage returns pass; whatever else moves the
 * cursor, sets the title or the clipboard, or asks the terminal for something is dropped. Code that nobody has read must
 * not draw over the question whether it may go on. Sequences may come in parts.
 */
export class TerminalFilter {
  #rest = '';
  #isColored = false;

  /** What ends the colours that have passed: some make text that cannot be seen. */
  endColors(): string {
    const end = this.#isColored ? RESET : '';
    this.#isColored = false;
    return end;
  }

  pass(chunk: string): string {
    const text = this.#rest + chunk;
    const open = UNFINISHED.exec(text);
    // A sequence that never ends must not hold back the output for ever.
    const isHeld = open !== null && text.length - open.index < MAX_SEQUENCE;
    this.#rest = isHeld ? text.slice(open.index) : '';
    return (isHeld ? text.slice(0, open.index) : text)
      .replace(SEQUENCES, (sequence) => {
        if (!COLOUR.test(sequence)) return '';
        this.#isColored = sequence !== RESET && sequence !== `${ESC}[m`;
        return sequence;
      })
      .replace(CONTROLS, '');
  }
}

const ESC = String.fromCharCode(27);
const RESET = `${ESC}[0m`;
const MAX_SEQUENCE = 4_096;
const END_OF_TEXT = `(?:${String.fromCharCode(7)}|${ESC}\\\\)`;
const CSI = `\\[[0-?]*[ -/]*`;
const COLOUR_BODY = '\\[[\\d;:]*m';
const COLOUR = new RegExp(`^${ESC}${COLOUR_BODY}$`, 'u');
/** CSI sequences, texts for the terminal (title, clipboard), and the two-character ones. */
const SEQUENCES = new RegExp(`${ESC}(?:${CSI}[@-~]|[\\]PX^_][^${ESC}]*?${END_OF_TEXT}|[ -/]*[0-OQ-WYZ\\\\a-~])`, 'gu');
const UNFINISHED = new RegExp(`${ESC}(?:${CSI}|[\\]PX^_](?:(?!${END_OF_TEXT})[\\s\\S])*|[ -/]*)$`, 'u');
/** An escape character that begins no colour, and all other controls, those of one byte included. */
const CONTROLS = new RegExp(`${ESC}(?!${COLOUR_BODY})|(?![\\n\\r\\t${ESC}])\\p{Cc}`, 'gu');
