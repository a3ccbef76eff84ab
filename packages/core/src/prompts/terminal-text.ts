/**
 * Output as a terminal would leave it on screen: colour codes and other controls are gone, and of a line that was
 * drawn over (a progress bar) the last state stays.
 */
export function terminalText(text: string): string {
  return text.replace(escapes, '').split('\n').map(lastState).join('\n').replace(controls, '');
}

/** CSI, OSC and two-character escape sequences. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/gu;
const controls = /(?![\n\t])\p{Cc}/gu;

function lastState(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end--;
  return line.slice(end === 0 ? 0 : line.lastIndexOf('\r', end - 1) + 1, end);
}
