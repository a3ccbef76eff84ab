/** Rows as a table, a line each: every column as wide as its widest cell, the last one as it is. */
export function columns(table: readonly (readonly string[])[]): string {
  // A line break in a description would make up a row.
  const rows = table.map((row) => row.map((cell) => cell.replace(/\s*[\n\r\t]\s*/gu, ' ')));
  const widths = rows.reduce<number[]>((widest, row) => {
    for (const [at, cell] of row.entries()) widest[at] = Math.max(widest[at] ?? 0, cell.length);
    return widest;
  }, []);
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd((widths[at] ?? 0) + 2)))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
