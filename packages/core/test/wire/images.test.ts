import { expect, test, vi } from 'vitest';
import { ToolImage } from '../../src/tool-sources/tool.ts';
import { encodeValue } from '../../src/wire/values.ts';

test('an image is one to a session of another copy of this package', async () => {
  vi.resetModules();
  const other = await import('../../src/tool-sources/tool.ts');
  expect(other.ToolImage).not.toBe(ToolImage);
  const { value } = encodeValue(new other.ToolImage(Buffer.of(1, 2), 'image/png'));
  expect(value).toMatchObject({ $image: { mimeType: 'image/png' } });
  expect(ToolImage.isInstance({ data: Buffer.of(1, 2), mimeType: 'image/png' })).toBe(false);
});
