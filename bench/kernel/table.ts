import type { Cell, MeasuredRow } from './measure.ts';
import type { PeerName } from './peer.ts';
import type { Line, Unit } from './rows.ts';
import { FEW_SAMPLES } from './statistics.ts';

export interface Column {
  name: PeerName;
  label: string;
}

/** The column whose numbers the design sets targets for, and that the others are compared with. */
export const OURS: PeerName = 'code-mode';

/** `p50 / p95` of every peer, with the design's target for ours; for `slowdown` see `verdict`. */
export function absoluteTable(measured: MeasuredRow[], columns: Column[], slowdown: number): string {
  const notes = new Notes();
  const lines = eachLine(measured, ({ line, cells }) => [
    line.label,
    ...columns.map(({ name }) => formatCell(cells.get(name), line.unit, notes)),
    line.target === undefined ? '' : `<= ${format(line.target, line.unit)}`,
    verdict(cells.get(OURS), line, slowdown),
  ]);
  const header = ['p50 / p95', ...columns.map(({ label }) => label), 'target', `${OURS} p50`];
  return [drawTable([header, ...lines]), '~ few samples: the p95 is little more than the maximum', ...notes.lines].join(
    '\n',
  );
}

/** How many times the raw floor ours takes, and how many times ours the other peers take; p50 against p50. */
export function ratioTable(measured: MeasuredRow[], columns: Column[]): string {
  const others = columns.filter(({ name }) => name !== OURS);
  const header = [
    'p50 against p50',
    ...others.map(({ name, label }) => (name === 'raw' ? `${OURS} / ${label}` : `${label} / ${OURS}`)),
  ];
  const lines = eachLine(measured, ({ line, cells }) => {
    const ours = p50(cells.get(OURS));
    return [
      line.label,
      ...others.map(({ name }) => {
        const theirs = p50(cells.get(name));
        if (name === 'raw' && line.noFloor) return '';
        return name === 'raw' ? formatRatio(ours, theirs) : formatRatio(theirs, ours);
      }),
    ];
  });
  return drawTable([header, ...lines]);
}

/**
 * `met`, or by how much the target was missed; empty without a target or a number. A time that is missed here only
 * because Python takes `slowdown` times as long as where the targets were set says so.
 */
export function verdict(cell: Cell | undefined, line: Line, slowdown: number): string {
  const value = p50(cell);
  if (line.target === undefined || value === undefined) return '';
  if (value <= line.target) return 'met';
  const times = line.target > 0 ? ` (${(value / line.target).toFixed(1)}x)` : '';
  const excuse = line.unit === 'ms' && value <= line.target * slowdown ? '; met at reference speed' : '';
  return `missed by ${format(value - line.target, line.unit)}${times}${excuse}`;
}

export function format(value: number, unit: Unit): string {
  if (unit === 'count') return String(value);
  if (unit === 'bytes') return `${significant(value / 1e6)} MB`;
  if (Math.abs(value) < 1) return `${significant(value * 1000)} us`;
  return Math.abs(value) < 1000 ? `${significant(value)} ms` : `${significant(value / 1000)} s`;
}

function formatCell(cell: Cell | undefined, unit: Unit, notes: Notes): string {
  if (cell === undefined) return '';
  if ('notMeasured' in cell) return `n/a ${notes.mark(cell.notMeasured)}`;
  if ('failed' in cell) return `failed ${notes.mark(cell.failed)}`;
  if (cell.count === 1) return format(cell.p50, unit);
  return `${format(cell.p50, unit)} / ${cell.count < FEW_SAMPLES ? '~' : ''}${format(cell.p95, unit)}`;
}

function formatRatio(value: number | undefined, base: number | undefined): string {
  if (value === undefined || base === undefined || base <= 0 || value <= 0) return '';
  return `${significant(value / base)}x`;
}

function p50(cell: Cell | undefined): number | undefined {
  return cell && 'p50' in cell ? cell.p50 : undefined;
}

/** Three digits that matter: 0.12, 1.23, 12.3, 123, 1230. */
function significant(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || value === 0) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}

function eachLine<T>(measured: MeasuredRow[], draw: (line: { line: Line; cells: Map<PeerName, Cell> }) => T): T[] {
  return measured.flatMap(({ row, cells }) =>
    row.lines.map((line, index) => {
      const ofLine = [...cells].flatMap(([name, list]) => (list[index] ? [[name, list[index]] as const] : []));
      return draw({ line, cells: new Map(ofLine) });
    }),
  );
}

/** The first row is the header. */
export function drawTable(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const draw = (row: string[]) => `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [header = [], ...body] = rows;
  return [draw(header), rule, ...body.map(draw)].join('\n');
}

/** Footnotes: one number for each reason. */
class Notes {
  readonly #reasons: string[] = [];

  mark(reason: string): string {
    if (!this.#reasons.includes(reason)) this.#reasons.push(reason);
    return `[${this.#reasons.indexOf(reason) + 1}]`;
  }

  get lines(): string[] {
    return this.#reasons.map((reason, index) => `[${index + 1}] ${reason}`);
  }
}
