import { describe, expect, test } from 'vitest';
import { AllowList, parseDestination, spell } from '../../../src/executors/network/allow-list.ts';

describe('a destination', () => {
  test.each([
    ['api.example.com:443', 'api.example.com:443'],
    ['API.Example.COM.:443', 'api.example.com:443'],
    ['bücher.example:80', 'xn--bcher-kva.example:80'],
    ['localhost:8080', 'localhost:8080'],
    ['10.0.0.7:5432', '10.0.0.7:5432'],
    ['[::1]:80', '[::1]:80'],
    ['[0:0:0:0:0:0:0:1]:80', '[::1]:80'],
    ['[::FFFF:127.0.0.1]:80', '[::ffff:7f00:1]:80'],
  ])('%s', (text, spelled) => {
    const destination = parseDestination(text);
    expect(destination && spell(destination)).toBe(spelled);
  });

  test.each([
    'example.com',
    'example.com:',
    'example.com:0',
    'example.com:65536',
    'example.com:80:90',
    ':80',
    '*.example.com:443',
    'https://example.com:443',
    'user@example.com:443',
    'example.com:443/path',
    'example.com\0.evil.net:443',
    'example.com\r\n:443',
    'ex%61mple.com:443',
    '127.1:80',
    '2130706433:80',
    '0x7f000001:80',
    '0177.0.0.1:80',
    '127.0.0.1.:80',
    '::1:80',
    '[::1%lo]:80',
    '[example.com]:80',
  ])('%j is none', (text) => {
    expect(parseDestination(text)).toBeUndefined();
  });
});

describe('an allow-list', () => {
  test('has a host and a port, and neither the other ports nor what is below the host', () => {
    const list = new AllowList(['example.com:443', '[::1]:80']);
    const has = (text: string) => list.find(parseDestination(text) as never) !== undefined;
    expect(['EXAMPLE.com:443', '[::1]:80'].map(has)).toEqual([true, true]);
    expect(['example.com:80', 'a.example.com:443', 'com:443', '[::2]:80', '127.0.0.1:80'].map(has)).not.toContain(true);
    expect(String(list)).toBe('example.com:443, [::1]:80');
  });

  test('with nothing in it allows nothing', () => {
    expect(new AllowList([]).find({ host: 'example.com', port: 443 })).toBeUndefined();
  });

  test('says which entry is none', () => {
    expect(() => new AllowList(['example.com:443', 'example.com'])).toThrow(
      'network.allow takes \'host:port\' with a name or an address, IPv6 in brackets, got "example.com".',
    );
  });
});
