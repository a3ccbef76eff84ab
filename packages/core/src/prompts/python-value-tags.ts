import type { JsonValue } from '../run-result.ts';
import { imageSize } from './image-size.ts';
import { pythonString } from './python-literal.ts';

type Write = (value: JsonValue) => string;
type Fields = { [key: string]: JsonValue };

/**
 * How each `$` form of `kernel/code_mode_kernel/values.py` reads. A writer answers undefined for what it does not
 * understand: the values come from an untrusted kernel.
 */
export const tagWriters: Readonly<Record<string, (inner: JsonValue, write: Write) => string | undefined>> = {
  $float: (inner) => ({ NaN: 'nan', Infinity: 'inf', '-Infinity': '-inf' })[String(inner)],
  $int: text((digits) => digits),
  $bytes: text(bytesText),
  $datetime: text((iso) => `datetime(${pythonString(iso)})`),
  $date: text((iso) => `date(${pythonString(iso)})`),
  $time: text((iso) => `time(${pythonString(iso)})`),
  $timedelta: (inner, write) => `timedelta(seconds=${write(inner)})`,
  $decimal: text((digits) => `Decimal(${pythonString(digits)})`),
  $fraction: text((digits) => `Fraction(${pythonString(digits)})`),
  $uuid: text((id) => `UUID(${pythonString(id)})`),
  $path: text((path) => `Path(${pythonString(path)})`),
  $complex: list(([real, imaginary], write) => `complex(${write(real ?? 0)}, ${write(imaginary ?? 0)})`),
  $range: list((bounds, write) => `range(${bounds.map(write).join(', ')})`),
  $set: list((items, write) => (items.length === 0 ? 'set()' : `{${items.map(write).join(', ')}}`)),
  $map: list(
    (pairs, write) =>
      `{${pairs.map((pair) => (Array.isArray(pair) ? pair : [pair]).map(write).join(': ')).join(', ')}}`,
  ),
  $enum: fields(({ name, value }, write) => `<${String(name)}: ${write(value ?? null)}>`),
  $dataclass: fields(({ name, fields: inner }, write) => {
    const parts = isFields(inner) ? Object.entries(inner).map(([key, value]) => `${key}=${write(value)}`) : [];
    return `${String(name)}(${parts.join(', ')})`;
  }),
  $image: fields(({ mimeType, data }) => {
    const size = typeof data === 'string' ? imageSize(String(mimeType), data) : undefined;
    return `<${String(mimeType)}${size === undefined ? '' : ` ${size.width}x${size.height}`}>`;
  }),
  $ndarray: fields(({ dtype, shape, data, first, omitted }, write) => {
    const values = data === undefined ? `${openList(first, write)}${moreText(omitted)}]` : write(data);
    return `array(${values}, dtype=${String(dtype)}, shape=${sizes(shape).replaceAll('x', ', ')})`;
  }),
  $dataframe: fields(
    ({ shape, columns }, write) =>
      `<DataFrame ${sizes(shape)}: ${Array.isArray(columns) ? columns.map(write).join(', ') : ''}>`,
  ),
  $series: fields(({ name, dtype, values, index, omitted }, write) => {
    const labels = index === undefined ? '' : `, index=${write(index)}`;
    return `Series(${openList(values, write)}${moreText(omitted)}]${labels}, name=${write(name ?? null)}, dtype=${String(dtype)})`;
  }),
  $index: fields(
    ({ dtype, values, omitted }, write) =>
      `Index(${openList(values, write)}${moreText(omitted)}], dtype=${String(dtype)})`,
  ),
  $ref: text((place) => `<the same as ${place}>`),
  $object: fields(({ repr, type }) => (typeof repr === 'string' ? repr : `<${String(type)}>`)),
  $truncated: fields(({ type, bytes, length, preview, how }) => {
    const size = typeof length === 'number' ? `length ${length.toLocaleString('en-US')}, ` : '';
    return `${String(preview)}\n[${String(type)}, ${size}about ${Number(bytes).toLocaleString('en-US')} bytes; only the start is shown. ${String(how)}]`;
  }),
};

/** A DataFrame, which has lines of its own. */
export function isTable(value: JsonValue): value is { $dataframe: Fields } {
  return isFields(value) && Object.keys(value).length === 1 && isFields(value.$dataframe);
}

/** `a | b` lines, the index first when it says something. */
export function tableText({ $dataframe: frame }: { $dataframe: Fields }, write: Write): string {
  const { shape, columns, index, rows, omitted, omittedColumns } = frame;
  const cell = (value: JsonValue) => (typeof value === 'string' ? value.replace(/\s*\n\s*/gu, ' ') : write(value));
  const labels = Array.isArray(index) ? index : undefined;
  const head = [...(labels === undefined ? [] : ['']), ...(Array.isArray(columns) ? columns.map(cell) : [])].join(
    ' | ',
  );
  const lines = (Array.isArray(rows) ? rows : []).map((row, at) =>
    [...(labels === undefined ? [] : [labels[at] ?? null]), ...(Array.isArray(row) ? row : [row])]
      .map(cell)
      .join(' | '),
  );
  const left = [
    ...(typeof omitted === 'number' ? [`${omitted.toLocaleString('en-US')} more rows`] : []),
    ...(typeof omittedColumns === 'number' ? [`${omittedColumns.toLocaleString('en-US')} more columns`] : []),
  ];
  return [
    `DataFrame ${sizes(shape)}`,
    head,
    ...lines,
    ...(left.length > 0 ? [`[… ${left.join(' and ')}; the value is in _]`] : []),
  ].join('\n');
}

function text(write: (inner: string) => string) {
  return (inner: JsonValue) => (typeof inner === 'string' ? write(inner) : undefined);
}

function list(write: (items: JsonValue[], write: Write) => string) {
  return (inner: JsonValue, writeInner: Write) => (Array.isArray(inner) ? write(inner, writeInner) : undefined);
}

function fields(write: (inner: Fields, write: Write) => string) {
  return (inner: JsonValue, writeInner: Write) => (isFields(inner) ? write(inner, writeInner) : undefined);
}

function isFields(value: JsonValue | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bytesText(base64: string): string {
  const bytes = Buffer.from(base64.slice(0, 160), 'base64');
  const total = Buffer.byteLength(base64, 'base64');
  const shown = bytes.subarray(0, 80);
  const escaped = [...shown].map((byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return total > shown.length
    ? `<${total.toLocaleString('en-US')} bytes: b"${escaped.join('')}"…>`
    : `b"${escaped.join('')}"`;
}

/** A list whose end is still open, for what was left out. */
function openList(items: JsonValue | undefined, write: Write): string {
  return `[${Array.isArray(items) ? items.map(write).join(', ') : ''}`;
}

function moreText(omitted: JsonValue | undefined): string {
  return typeof omitted === 'number' ? `, … ${omitted.toLocaleString('en-US')} more` : '';
}

function sizes(shape: JsonValue | undefined): string {
  return Array.isArray(shape) ? shape.join('x') : '?';
}
