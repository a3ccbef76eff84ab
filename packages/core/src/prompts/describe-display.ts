import type { Display } from '../run-result.ts';
import { imageSize } from './image-size.ts';

/** What the model reads of a display: type and size of an image, else the first text that says something. */
export function describeDisplay({ data }: Display): string {
  const image = imageLine(data);
  if (image !== undefined) return image;
  const texts = TEXTS.flatMap((type) => data[type] ?? []);
  const text = texts.find((each) => !NAMES_ITS_CLASS.test(each)) ?? texts[0];
  return text?.trimEnd() ?? `[${Object.keys(data).join(', ')} shown]`;
}

const TEXTS = ['text/plain', 'text/markdown', 'text/latex', 'application/json', 'text/html'];

/** The repr of an object whose class has none. */
const NAMES_ITS_CLASS = /^<[\w.<>]+ object(?: at 0x[0-9a-f]+)?>$/iu;

function imageLine(data: Record<string, string>): string | undefined {
  const [type, content] = Object.entries(data).find(([mimeType]) => mimeType.startsWith('image/')) ?? [];
  if (type === undefined || content === undefined) return undefined;
  const size = imageSize(type, content);
  return `[${type}${size === undefined ? '' : ` ${size.width}x${size.height}`} shown]`;
}
