/** What a zygote that did not start said: the last line of a traceback is the one that says what is wrong. */
export function explainStderr(stderr: string): string {
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  return last.startsWith('ModuleNotFoundError')
    ? `${last}. Packages named in \`preload\` must be installed for this Python.`
    : last;
}
