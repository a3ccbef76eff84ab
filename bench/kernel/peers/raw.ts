import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostTools } from '../host-tools.ts';
import type { Outcome, Peer, PeerSession } from '../peer.ts';
import { programsFrom } from '../programs.ts';
import { findPython, type Python } from '../python.ts';

const floor = fileURLToPath(new URL('./raw_floor.py', import.meta.url));

/** A Unix socket and a forked Python loop with nothing round them: what no kernel can undercut by much. */
export class RawPeer implements Peer {
  readonly name = 'raw';
  readonly label = 'raw floor';
  readonly memorySessions = 10;
  readonly notMeasured = {};
  readonly programs = programsFrom({
    onePlusOne: 'result = 1+1',
    calls: (count) => `for i in range(${count}):\n    result = call("echo", value=i)`,
    gathered: (count, ms) => `result = len(gather([("pause", {"ms": ${ms}})] * ${count}))`,
    largeIn: 'result = len(call("text"))',
    largeOut: (chars) => `result = "a" * ${chars}`,
    remember: (value) => `x = ${value}`,
    recall: 'result = x',
  });

  #zygote: Promise<Zygote> | undefined;
  #python: Python | undefined;

  async install(): Promise<void> {
    this.#python = await findPython();
  }

  async load(): Promise<void> {}

  async version(): Promise<string> {
    return `Python ${this.#python?.version}, bare loop`;
  }

  async open(): Promise<PeerSession> {
    this.#zygote ??= Zygote.start(this.#python?.path ?? 'python3');
    return (await this.#zygote).fork();
  }

  async close(): Promise<void> {
    await (await this.#zygote)?.close();
    this.#zygote = undefined;
  }
}

class Zygote {
  readonly #folder = mkdtempSync(join(tmpdir(), 'raw-floor-'));
  readonly #server: Server = createServer();
  readonly #waiting: ((socket: Socket) => void)[] = [];
  readonly #sockets = new Set<Socket>();
  #control: Socket | undefined;
  #child: ChildProcess | undefined;

  static async start(python: string): Promise<Zygote> {
    const zygote = new Zygote();
    const path = join(zygote.#folder, 'socket');
    zygote.#server.on('connection', (socket) => {
      zygote.#sockets.add(socket.on('close', () => zygote.#sockets.delete(socket)));
      zygote.#waiting.shift()?.(socket);
    });
    zygote.#server.listen(path);
    await once(zygote.#server, 'listening');
    const connected = zygote.#nextConnection();
    zygote.#child = spawn(python, ['-I', '-S', floor, path], { stdio: ['ignore', 'ignore', 'inherit'] });
    zygote.#control = await connected;
    return zygote;
  }

  async fork(): Promise<PeerSession> {
    const connected = this.#nextConnection();
    this.#control?.write('f');
    return new RawSession(await connected);
  }

  async close(): Promise<void> {
    // A loop whose socket closes ends itself.
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    if (this.#child && this.#child.exitCode === null) await once(this.#child, 'exit');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #nextConnection(): Promise<Socket> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

interface Frame {
  call?: keyof typeof hostTools;
  arguments?: unknown;
  result?: unknown;
}

class RawSession implements PeerSession {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes to collect before there is anything to parse. */
  #needed = 4;
  #settle: { resolve(outcome: Outcome): void; reject(error: Error): void } | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#settle?.reject(new Error('The raw loop ended; its traceback is on stderr.')));
  }

  run(code: string): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#send({ code });
    });
  }

  async close(): Promise<void> {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #send(message: unknown): void {
    const json = JSON.stringify(message);
    const length = Buffer.byteLength(json);
    const frame = Buffer.allocUnsafe(4 + length);
    frame.writeUInt32BE(length);
    frame.write(json, 4);
    this.#socket.write(frame);
  }

  #read(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return;
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    for (this.#needed = 4; bytes.length >= this.#needed; ) {
      const end = 4 + bytes.readUInt32BE();
      if (bytes.length < end) {
        this.#needed = end;
        break;
      }
      this.#take(JSON.parse(bytes.toString('utf8', 4, end)));
      bytes = bytes.subarray(end);
    }
    this.#chunks = bytes.length > 0 ? [bytes] : [];
    this.#length = bytes.length;
  }

  #take(frame: Frame): void {
    if (frame.call === undefined) {
      const settle = this.#settle;
      this.#settle = undefined;
      settle?.resolve({ result: frame.result });
      return;
    }
    const answer = hostTools[frame.call](frame.arguments as never);
    if (answer instanceof Promise) answer.then((result) => this.#send({ result }));
    else this.#send({ result: answer });
  }
}
