import { readFileSync } from 'node:fs';

/** A golden file: one JSON document a line. `kernel/tests/test_wire.py` reads the same ones. */
export function readGolden<Row>(name: string): Row[] {
  const text = readFileSync(new URL(`../../../../test/wire/${name}.jsonl`, import.meta.url), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}
