/** Width and height of a PNG, GIF or JPEG in base64, from its first bytes; undefined when they do not tell. */
export function imageSize(mimeType: string, base64: string): { width: number; height: number } | undefined {
  const head = base64.slice(0, headChars).replace(/\s/gu, '');
  const bytes = Buffer.from(head, 'base64');
  if (mimeType === 'image/png' && bytes.length >= 24 && bytes.toString('latin1', 12, 16) === 'IHDR') {
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  }
  if (mimeType === 'image/gif' && bytes.length >= 10)
    return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  return mimeType === 'image/jpeg' ? jpegSize(bytes) : undefined;
}

/** A JPEG's size may stand behind its metadata. */
const headChars = 100_000;

function jpegSize(bytes: Buffer): { width: number; height: number } | undefined {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes.readUInt8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}
