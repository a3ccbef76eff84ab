import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Introduction, SocketServer } from '../../src/executors/zygote/socket-server.ts';
import { encodeFrame } from '../../src/wire/frames.ts';

const secret = randomBytes(32).toString('hex');
const good = { type: 'hello', protocol: 1, role: 'kernel', secret, kernelId: 'k1' };
const introductions: Introduction[] = [];
let server: SocketServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
  for (const { socket } of introductions.splice(0)) socket.destroy();
});

describe('the socket', () => {
  test('lies in a folder that only this user can enter, and both go away', async () => {
    const { path } = await listen();
    expect((statSync(dirname(path)).mode & 0o777).toString(8)).toBe('700');
    expect(statSync(path).isSocket()).toBe(true);
    await server?.close();
    expect(existsSync(dirname(path))).toBe(false);
  });

  test('lets in who shows the secret, and hands over what came in the same breath', async () => {
    const { path } = await listen();
    const socket = connect(path);
    socket.write(Buffer.concat([...encodeFrame(good), Buffer.from('and more')]));
    await expect.poll(() => introductions.length).toBe(1);
    expect(introductions[0]?.hello).toEqual(good);
    expect(introductions[0]?.rest.toString()).toBe('and more');
    socket.destroy();
  });

  test('lets in a hello that arrives byte by byte', async () => {
    const { path } = await listen();
    const socket = connect(path);
    for (const byte of Buffer.concat(encodeFrame(good))) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => introductions.length).toBe(1);
    socket.destroy();
  });

  test.each([
    ['a wrong secret', { ...good, secret: `${secret.slice(0, -1)}x` }],
    ['an empty secret', { ...good, secret: '' }],
    ['a longer secret', { ...good, secret: `${secret}0` }],
    ['no secret', { type: 'hello', protocol: 1, role: 'kernel', kernelId: 'k1' }],
    ["another kernel's secret", { ...good, kernelId: 'k2' }],
    ['no kernel', { type: 'hello', protocol: 1, role: 'kernel', secret }],
    ['another role', { ...good, role: 'zygote' }],
    ['another protocol version', { ...good, protocol: 2 }],
    ['another message', { type: 'run-end', runId: 'r1', status: 'completed', cpuMs: 0 }],
  ])('disconnects a stranger with %s without an answer', async (_title, hello) => {
    const { path } = await listen();
    expect(await answerTo(path, encodeFrame(hello))).toBe('');
    expect(introductions).toEqual([]);
  });

  test.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a frame over 4 KiB', Buffer.concat(encodeFrame({ ...good, more: 'x'.repeat(5_000) }))],
    ['JSON that is no object', Buffer.concat(encodeFrame([]))],
    ['zeros', Buffer.alloc(64)],
  ])('disconnects a stranger that sends %s without an answer', async (_title, bytes) => {
    const { path } = await listen();
    expect(await answerTo(path, [bytes])).toBe('');
    expect(introductions).toEqual([]);
  });

  test('closes on strangers that say nothing', async () => {
    const { path } = await listen();
    const silent = connect(path);
    const ended = new Promise((resolve) => silent.once('close', resolve));
    await new Promise((resolve) => silent.once('connect', resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await server?.close();
    await ended;
  });
});

async function listen(): Promise<SocketServer> {
  server = await SocketServer.listen(
    (hello) => (hello.role === 'kernel' && hello.kernelId === 'k1' ? secret : undefined),
    (introduction) => introductions.push(introduction),
  );
  return server;
}

/** Everything the server answers until it disconnects. */
function answerTo(path: string, bytes: Uint8Array[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    // A reset instead of an end is as good a way to be sent off.
    socket.on('error', () => {});
    socket.once('close', () => resolve(answer));
    setTimeout(() => reject(new Error('still connected after 50 s')), 50_000).unref();
    socket.write(Buffer.concat(bytes));
  });
}
