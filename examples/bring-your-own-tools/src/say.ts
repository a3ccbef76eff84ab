let lastSpeaker = '';

/** Prints what somebody says, with the name in front of the first line. */
export function say(speaker: string, text: string): void {
  if (text.trim() === '') return;
  for (const line of text.trimEnd().split('\n')) {
    const isNew = speaker !== lastSpeaker;
    lastSpeaker = speaker;
    console.log(`${isNew ? '\n' : ''}${(isNew ? speaker : '').padStart(6)} │ ${line}`.trimEnd());
  }
}
