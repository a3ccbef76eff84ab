import { ToolError } from '../tool.ts';
import type { EndpointParameter } from './endpoint.ts';

type Written = Pick<EndpointParameter, 'argument' | 'name' | 'style' | 'explode'>;

/**
 * The parameters of a query, or of a form, that say a value.
 * @throws ToolError for a value that text cannot say
 */
export function parameterPairs(parameter: Written, value: unknown): [string, string][] {
  const { argument, name, style, explode } = parameter;
  if (Array.isArray(value) && style !== 'json') {
    const items = value.map((item) => itemText(argument, item));
    return explode ? items.map((item) => [name, item]) : [[name, items.join(delimiters[style] ?? ',')]];
  }
  if (isDict(value) && style === 'deepObject') {
    return Object.entries(value).flatMap(([key, item]) =>
      parameterPairs({ ...parameter, name: `${name}[${key}]` }, item),
    );
  }
  if (isDict(value) && style === 'form' && explode) {
    return Object.entries(value).map(([key, item]) => [key, itemText(argument, item)]);
  }
  return [[name, parameterText(parameter, value)]];
}

/**
 * A value in a path, a header or a cookie: a list as `a,b`, an object as `key,value`.
 * @throws ToolError for a value that text cannot say
 */
export function parameterText({ argument, style, explode }: Written, value: unknown): string {
  if (style === 'json') return jsonText(argument, value);
  if (Array.isArray(value)) return value.map((item) => itemText(argument, item)).join(',');
  if (!isDict(value)) return itemText(argument, value);
  const between = explode ? '=' : ',';
  return Object.entries(value)
    .map(([key, item]) => `${key}${between}${itemText(argument, item)}`)
    .join(',');
}

/**
 * JSON that says the value exactly.
 * @throws ToolError naming the argument, for what JSON cannot say
 */
export function jsonText(argument: string, value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => {
    const place = key === '' ? argument : `${argument}, at ${JSON.stringify(key)},`;
    if (item instanceof Uint8Array) throw new ToolError(`${place} is bytes, which JSON does not have; ${textOfBytes}.`);
    if (typeof item === 'number' && !Number.isFinite(item)) {
      throw new ToolError(`${place} is ${item}, which JSON does not have; pass None or a number.`);
    }
    return typeof item === 'bigint' ? rawJson(String(item)) : item;
  });
}

const delimiters: Partial<Record<Written['style'], string>> = { spaceDelimited: ' ', pipeDelimited: '|' };
const textOfBytes = 'pass text, e.g. base64.b64encode(data).decode()';

function itemText(argument: string, value: unknown): string {
  if (typeof value === 'string') return value.toWellFormed();
  if (value === null) return '';
  if (value instanceof Uint8Array)
    throw new ToolError(`${argument} is bytes, which a URL cannot hold; ${textOfBytes}.`);
  return typeof value === 'object' ? jsonText(argument, value) : String(value);
}

function isDict(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

// In Node since 21; TypeScript does not know it yet.
const rawJson = (text: string) => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
