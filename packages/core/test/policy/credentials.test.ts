import { expect, test } from 'vitest';
import { findCredential } from '../../src/credentials.ts';

// Put together here, so that no scanner takes them for real ones.
const made = (...parts: string[]) => parts.join('');

test.each<[unknown, string | undefined]>([
  [{ password: 'hunter2' }, 'password'],
  [{ login: { 'api-key': 'k' } }, 'login.api-key'],
  [{ headers: [{ name: 'x', value: `Bearer ${'a'.repeat(20)}` }] }, 'headers.0.value'],
  [{ text: made('sk', '-', 'a'.repeat(24)) }, 'text'],
  [{ text: made('use gh', 'p_', 'a1'.repeat(18), ' here') }, 'text'],
  [{ key: made('AK', 'IA', 'ABCDEFGHIJKLMNOP') }, 'key'],
  [{ pem: made('-----BEGIN RSA ', 'PRIVATE KEY-----\nMII') }, 'pem'],
  [{ url: 'postgres://bob:secret@db/x' }, 'url'],
  [{ jwt: made('ey', 'JhbGciOiJIUzI1NiJ9', '.', 'ey', 'JzdWIiOiIxMjM0In0', '.abc') }, 'jwt'],
  [{ password: '' }, undefined],
  [{ page_token: 'abc', max_tokens: 5, key: 'title', text: 'my password is long' }, undefined],
  [{ url: 'https://example.com/a?b=c', author: 'bob@example.com' }, undefined],
  [{ text: `${'x'.repeat(5_000)}${made('sk', '-', 'a'.repeat(24))}` }, undefined],
  [{ list: Array.from({ length: 1_000 }, () => 'plain text here') }, undefined],
])('%j', (args, expected) => {
  expect(findCredential(args as Record<string, unknown>)).toBe(expected);
});
