/**
 * The source with a PEP 723 header that names the packages it needs. Nothing else of the text changes: the header comes
 * first, but behind a `#!` line and an encoding line, which Python reads only at the top.
 */
export function withHeader(source: string, packages: readonly string[]): string {
  const newline = /\r\n/u.test(source) ? '\r\n' : '\n';
  const head = /^\ufeff?(?:#!.*\r?\n)?(?:#.*coding[:=].*\r?\n)?/u.exec(source)?.[0] ?? '';
  const lines = [
    '# /// script',
    '# dependencies = [',
    ...packages.map((name) => `#     ${JSON.stringify(name)},`),
    '# ]',
    '# ///',
  ];
  return `${head}${lines.join(newline)}${newline}${source.slice(head.length)}`;
}
