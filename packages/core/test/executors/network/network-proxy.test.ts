import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AllowList } from '../../../src/executors/network/allow-list.ts';
import { NetworkProxy } from '../../../src/executors/network/network-proxy.ts';

/** What the names of this test lead to. */
const NAMES: Record<string, string[]> = {
  'rebound.example': ['127.0.0.1'],
  'metadata.example': ['169.254.169.254', 'fd00:ec2::254'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'nothing.example': [],
};

const web = createHttpServer(async (request, response) => {
  const { method, url, rawHeaders } = request;
  response.writeHead(201, 'Made', { 'X-Mine': 'yes', Connection: 'close' });
  response.end(JSON.stringify({ method, url, rawHeaders, body: await text(request) }));
});
/** Sends back what it was sent, once that has ended. */
const echo = createServer({ allowHalfOpen: true }, (socket) => void text(socket).then((said) => socket.end(said)));
/** Nobody may reach this one. */
let touches = 0;
const canary = createServer((socket) => {
  touches++;
  socket.destroy();
});
/** Listens for the proxy, as a kernel's connections arrive from elsewhere. */
const entrance = createServer({ allowHalfOpen: true }, (socket) => proxy.serve(socket));
let proxy: NetworkProxy;
let ports: { web: number; echo: number; canary: number; entrance: number };

beforeAll(async () => {
  const servers = Object.entries({ web, echo, canary, entrance });
  const listening = servers.map(async ([name, server]) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return [name, (server.address() as AddressInfo).port];
  });
  ports = Object.fromEntries(await Promise.all(listening));
  const names = [...Object.keys(NAMES), 'unknown.example'].map((name) => `${name}:${ports.canary}`);
  const allow = [`localhost:${ports.web}`, `127.0.0.1:${ports.echo}`, ...names];
  proxy = new NetworkProxy(new AllowList(allow), async (host) => {
    const found = NAMES[host];
    if (!found) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return found;
  });
});

afterAll(() => {
  proxy.close();
  for (const server of [web, echo, canary, entrance]) server.close();
});

async function open(): Promise<Socket> {
  const socket = connect({ port: ports.entrance, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

/** What the proxy answers. `WEB`, `ECHO` and `CANARY` stand for the ports. */
async function ask(request: string): Promise<string> {
  const socket = await open();
  socket.write(
    request.replace(/WEB|ECHO|CANARY/g, (name) => String(ports[name.toLowerCase() as 'web'])),
    'latin1',
  );
  const answer = await text(socket);
  socket.destroy();
  return answer;
}

/** The first line of what it answers, with the names of the ports. */
async function refusal(request: string): Promise<string> {
  const [first = ''] = (await ask(request)).split('\r\n');
  return first.replace(String(ports.web), 'WEB').replace(String(ports.canary), 'CANARY');
}

describe('the proxy of a kernel', { timeout: 60_000 }, () => {
  test('passes a request on, with its own headers and without those for the proxy', async () => {
    const answer = await ask(
      'POST http://LOCALHOST:WEB/a/b?c=d HTTP/1.1\r\nHost: localhost:WEB\r\nX-One: 1\r\nX-Two: 2\r\nContent-Length: 4\r\n' +
        'Proxy-Authorization: Basic abc\r\nConnection: close, X-Two\r\n\r\nbody',
    );
    const [head, body = ''] = answer.split('\r\n\r\n');
    expect(head?.split('\r\n').slice(0, 2)).toEqual(['HTTP/1.1 201 Made', 'X-Mine: yes']);
    const json = body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1);
    expect(JSON.parse(json)).toEqual({
      method: 'POST',
      url: '/a/b?c=d',
      rawHeaders: ['X-One', '1', 'Content-Length', '4', 'Host', `LOCALHOST:${ports.web}`, 'Connection', 'close'],
      body: 'body',
    });
  });

  test('several requests on one connection', async () => {
    const request = 'GET http://localhost:WEB/ HTTP/1.1\r\nHost: localhost:WEB\r\n';
    const answer = await ask(`${`${request}\r\n`.repeat(12)}${request}Connection: close\r\n\r\n`);
    expect(answer.match(/201 Made/g)?.length).toBe(13);
  });

  test('carries bytes, in both directions, of which one may end before the other', async () => {
    const socket = await open();
    socket.write(`CONNECT 127.0.0.1:${ports.echo} HTTP/1.1\r\nHost: 127.0.0.1:${ports.echo}\r\n\r\nfirst `);
    socket.end('x'.repeat(3_000_000));
    const answer = await text(socket);
    expect(answer.slice(0, answer.indexOf('x'))).toBe('HTTP/1.1 200 Connection established\r\n\r\nfirst ');
    expect(answer.length - answer.indexOf('x')).toBe(3_000_000);
  });

  test.each([
    ['what is not named', 'CONNECT example.com:443 HTTP/1.1\r\n\r\n', '403 example.com:443 is not in network.allow'],
    ['another port', 'CONNECT localhost:CANARY HTTP/1.1\r\n\r\n', '403 localhost:CANARY is not in network.allow'],
    ['another name for it', 'CONNECT 127.0.0.1:WEB HTTP/1.1\r\n\r\n', '403 127.0.0.1:WEB is not in network.allow'],
    [
      'a Host header for another one',
      'CONNECT localhost:WEB HTTP/1.1\r\nHost: example.com:443\r\n\r\n',
      '400 the Host header must be localhost:WEB, as in the request line',
    ],
    [
      'two Host headers',
      'CONNECT localhost:WEB HTTP/1.1\r\nHost: localhost:WEB\r\nHost: localhost:WEB\r\n\r\n',
      '400 the Host header must be localhost:WEB, as in the request line',
    ],
    [
      'a URL for another one than the Host header',
      'GET http://127.0.0.1:CANARY/ HTTP/1.1\r\nHost: localhost:WEB\r\n\r\n',
      '400 the Host header must be 127.0.0.1:CANARY, as in the request line',
    ],
    [
      'a Host header for another one than the URL',
      'GET http://localhost:WEB/ HTTP/1.1\r\nHost: 127.0.0.1:CANARY\r\n\r\n',
      '400 the Host header must be localhost:WEB, as in the request line',
    ],
    [
      'a URL without a port',
      'GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
      '403 localhost:80 is not in network.allow',
    ],
    [
      'a user in a URL',
      'GET http://localhost:WEB@127.0.0.1:CANARY/ HTTP/1.1\r\nHost: localhost:WEB\r\n\r\n',
      '400 this is a proxy, which takes CONNECT host:port or a request with a whole http:// URL',
    ],
    [
      'a path alone',
      'GET / HTTP/1.1\r\nHost: localhost:WEB\r\n\r\n',
      '400 this is a proxy, which takes CONNECT host:port or a request with a whole http:// URL',
    ],
    ['NUL in a name', 'CONNECT localhost\0.example.com:WEB HTTP/1.1\r\n\r\n', '400 Bad Request'],
    [
      'an address as one number',
      'CONNECT 2130706433:CANARY HTTP/1.1\r\n\r\n',
      '400 the request names no host:port that network.allow could have',
    ],
    [
      'a lone line feed in a header',
      'GET http://localhost:WEB/ HTTP/1.1\r\nHost: localhost:WEB\r\nX: a\nGET http://127.0.0.1:CANARY/ HTTP/1.1\r\n\r\n',
      '400 Bad Request',
    ],
    [
      'two lengths, to smuggle a second request',
      'POST http://localhost:WEB/ HTTP/1.1\r\nHost: localhost:WEB\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      '400 Bad Request',
    ],
    ['what is no HTTP', '\x05\x01\x00', '400 Bad Request'],
    [
      'a name that leads to this machine',
      'CONNECT rebound.example:CANARY HTTP/1.1\r\n\r\n',
      '403 rebound.example resolves to 127.0.0.1, which is not public. network.allow must name the address itself',
    ],
    [
      'a name that leads to metadata',
      'CONNECT metadata.example:CANARY HTTP/1.1\r\n\r\n',
      '403 metadata.example resolves to 169.254.169.254, which is not public. network.allow must name the address itself',
    ],
    [
      'a name that leads to an IPv4 address in IPv6',
      'GET http://mapped.example:CANARY/ HTTP/1.1\r\nHost: mapped.example:CANARY\r\n\r\n',
      '403 mapped.example resolves to ::ffff:127.0.0.1, which is not public. network.allow must name the address itself',
    ],
    [
      'a name without an address',
      'CONNECT nothing.example:CANARY HTTP/1.1\r\n\r\n',
      '502 nothing.example:CANARY could not be reached: it has no address',
    ],
    [
      'a name that nobody knows',
      'CONNECT unknown.example:CANARY HTTP/1.1\r\n\r\n',
      '502 unknown.example could not be resolved: ENOTFOUND',
    ],
  ])('refuses %s', async (_title, request, expected) => {
    expect(await refusal(request)).toBe(`HTTP/1.1 ${expected}`);
    expect(touches).toBe(0);
  });

  test('has an end of connections, which those that end make room for', async () => {
    const tunnels: Socket[] = [];
    for (let n = 0; n < 64; n++) {
      const socket = await open();
      socket.write(`CONNECT 127.0.0.1:${ports.echo} HTTP/1.1\r\n\r\n`);
      expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 200 /);
      tunnels.push(socket);
    }
    const request = 'CONNECT 127.0.0.1:ECHO HTTP/1.1\r\n\r\n';
    expect(await refusal(request)).toBe('HTTP/1.1 503 the session has 64 connections already, which is the most');
    for (const socket of tunnels) socket.end();
    await Promise.all(tunnels.map((socket) => text(socket)));
    const again = async () => {
      const socket = await open();
      socket.end(`CONNECT 127.0.0.1:${ports.echo} HTTP/1.1\r\n\r\nhello`);
      return (await text(socket)).split('\r\n').at(-1);
    };
    await expect.poll(again, { timeout: 30_000 }).toBe('hello');
  });

  test('has an end of connections also for what one connection asks for', async () => {
    const request = `GET http://localhost:${ports.web}/ HTTP/1.1\r\nHost: localhost:${ports.web}\r\n`;
    const answer = await ask(`${`${request}\r\n`.repeat(100)}${request}Connection: close\r\n\r\n`);
    expect([/201 Made/.test(answer), /503 the session has 64 connections already/.test(answer)]).toEqual([true, true]);
  });

  test.each([
    // Where a machine is slow it may be given up before it is a tunnel.
    ['a tunnel', (port: number) => `CONNECT 127.0.0.1:${port} HTTP/1.1\r\n\r\n`, /^(?:HTTP\/1.1 200 |$)/],
    ['half a request', () => 'GET http://localhost', /^$/],
  ])('gives %s up on which nothing moves', async (_title, request, answer) => {
    const impatient = new NetworkProxy(new AllowList([`127.0.0.1:${ports.echo}`]), async () => [], 100);
    const door = createServer({ allowHalfOpen: true }, (socket) => impatient.serve(socket)).listen(0, '127.0.0.1');
    await once(door, 'listening');
    const socket = connect((door.address() as AddressInfo).port, '127.0.0.1');
    socket.write(request(ports.echo));
    expect(await text(socket)).toMatch(answer);
    impatient.close();
    door.close();
  });

  test('ends what is open when it is closed', async () => {
    const socket = await open();
    socket.write(`CONNECT 127.0.0.1:${ports.echo} HTTP/1.1\r\n\r\n`);
    await once(socket, 'data');
    proxy.close();
    expect(await text(socket)).toBe('');
    socket.destroy();
  });
});
