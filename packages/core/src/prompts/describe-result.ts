import { readAdvice } from '../run-output.ts';
import type { OutputChunk, RunResult } from '../run-result.ts';
import { describeDisplay } from './describe-display.ts';
import { safeSlice } from './plain-text.ts';
import { pythonValue } from './python-value.ts';
import { terminalText } from './terminal-text.ts';
import { visibleText } from './visible-text.ts';

/**
 * What the model reads of a run: lost variables first, then what was printed, what went wrong, what was displayed, and
 * the value of the last expression. A text that is too long is cut in the middle of its longest parts, and says so.
 * @param options.maxChars longest text, in characters; default 20,000
 */
export function describeResult(result: RunResult, { maxChars = 20_000 }: { maxChars?: number } = {}): string {
  const parts = [
    ...(result.stateLost ? [{ text: stateLost }] : []),
    ...(result.output.length > 0 ? [outputPart(result)] : []),
    ...outcomeParts(result),
  ]
    .map((part) => ({ ...part, text: visibleText(part.text) }))
    .filter(({ text }) => text !== '');
  return parts.length === 0 ? '(no output)' : shareRoom(parts, maxChars);
}

/** A part of the text, and how to read what was cut from it. */
interface Part {
  text: string;
  advice?: string;
}

const stateLost =
  '[The Python session is new: variables, imports and functions of earlier runs are gone. Define again what you need.]';

function outcomeParts(result: RunResult): Part[] {
  const displays = result.displays
    .filter(({ isResult }) => !isResult)
    .map((display): Part => ({ text: describeDisplay(display), advice: 'display a part of it' }));
  const omitted = result.displaysOmitted ?? 0;
  if (omitted > 0)
    displays.push({
      text: `[${omitted} ${omitted === 1 ? 'display was' : 'displays were'} left out: show fewer or smaller ones.]`,
    });
  switch (result.status) {
    case 'completed':
      return [...displays, ...valueParts(result)];
    case 'failed':
      return [
        ...displays,
        { text: result.error.traceback.trimEnd() || `${result.error.name}: ${result.error.message}` },
      ];
    case 'interrupted':
      return [...displays, { text: result.message }];
    case 'crashed': {
      const { message, stderrTail } = result.detail;
      return [
        ...displays,
        { text: stderrTail.trim() === '' ? message : `${message}\n[stderr]\n${terminalText(stderrTail).trim()}` },
      ];
    }
  }
}

function valueParts({ result, displays }: RunResult & { status: 'completed' }): Part[] {
  const rich = displays.find(({ isResult }) => isResult);
  // A table reads better as Python prints it than as its values.
  if (rich) return [{ text: labelled(describeDisplay(rich)), advice: readValue }];
  return result === undefined || result === null ? [] : [{ text: labelled(pythonValue(result)), advice: readValue }];
}

const readValue = 'the value is in _; print a part of it';

function labelled(text: string): string {
  return text.includes('\n') ? `Result:\n${text}` : `Result: ${text}`;
}

function outputPart({ output: chunks, outputArtifact }: RunResult): Part {
  let text = '';
  for (const { stream, text: chunk } of joinStreams(chunks)) {
    const clean = terminalText(chunk);
    if (clean.trim() === '') continue;
    if (text !== '' && !text.endsWith('\n')) text += '\n';
    text += stream === 'stdout' ? clean : `[stderr]\n${clean.trimEnd()}\n[end of stderr]\n`;
  }
  return {
    text: text.replace(/^\n+/u, '').trimEnd(),
    advice: outputArtifact === undefined ? 'print less, or a part at a time' : readAdvice(outputArtifact, 10_000),
  };
}

function joinStreams(chunks: OutputChunk[]): OutputChunk[] {
  const joined: OutputChunk[] = [];
  for (const { stream, text } of chunks) {
    const last = joined.at(-1);
    if (last?.stream === stream) last.text += text;
    else joined.push({ stream, text });
  }
  return joined;
}

/** Parts share the room: what a short one leaves goes to the long ones. */
function shareRoom(parts: Part[], maxChars: number): string {
  let room = maxChars - (parts.length - 1);
  const texts = new Map<Part, string>();
  const shortestFirst = [...parts].sort((a, b) => a.text.length - b.text.length);
  for (const [index, part] of shortestFirst.entries()) {
    const text = cutMiddle(part, Math.floor(room / (parts.length - index)));
    texts.set(part, text);
    room -= text.length;
  }
  return parts.map((part) => texts.get(part)).join('\n');
}

function cutMiddle({ text, advice }: Part, limit: number): string {
  if (text.length <= limit) return text;
  const note = (cut: number) =>
    `\n[… ${cut.toLocaleString('en-US')} of ${text.length.toLocaleString('en-US')} characters cut here${advice === undefined ? '' : `; ${advice}`} …]\n`;
  const kept = Math.max(0, limit - note(text.length).length);
  const head = safeSlice(text, 0, Math.ceil(kept * 0.7));
  const tail = safeSlice(text, text.length - Math.floor(kept * 0.3));
  return `${head}${note(text.length - head.length - tail.length)}${tail}`;
}
