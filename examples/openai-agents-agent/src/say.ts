let last = '';

/** Prints who says what. */
export function say(speaker: string, text: string): void {
  for (const line of text.trimEnd().split('\n')) {
    if (speaker !== last) process.stdout.write('\n');
    process.stdout.write(`${(speaker === last ? '' : speaker).padStart(6)} │ ${line}\n`);
    last = speaker;
  }
}
