import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from '../../at-exit.ts';
import { CodeModeError } from '../../errors.ts';
import { asHello } from '../../wire/check-message.ts';
import { FrameReader } from '../../wire/frames.ts';
import { type HelloMessage, PROTOCOL_VERSION } from '../../wire/messages.ts';

const HELLO_TIMEOUT_MS = 5_000;
const HELLO_MAX_BYTES = 4_096;
const MAX_STRANGERS = 2_048;
/** `sun_path` holds 108 bytes on Linux and 104 on macOS. */
const MAX_PATH_BYTES = 103;

/** A connection whose `hello` was good. `rest` is what came in the same breath. */
export interface Introduction {
  hello: HelloMessage;
  socket: Socket;
  rest: Buffer;
}

/**
 * The Unix socket that zygotes and kernels connect to, in a folder only this user can enter. Whoever cannot show the
 * secret that `secretOf` expects is disconnected without an answer.
 */
export class SocketServer {
  readonly path: string;
  readonly #folder: string;
  readonly #server: Server;
  readonly #strangers = new Set<Socket>();
  readonly #forgetFolder: () => void;

  static async listen(
    secretOf: (hello: HelloMessage) => string | undefined,
    introduce: (introduction: Introduction) => void,
  ): Promise<SocketServer> {
    const folder = await mkdtemp(join(tmpdir(), 'code-mode-')).catch((cause: unknown) => {
      throw noSocket(tmpdir(), cause);
    });
    const path = join(folder, 'socket');
    const server = new SocketServer(folder, path, secretOf, introduce);
    try {
      if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
        throw new CodeModeError(
          'kernel_start_failed',
          `The temporary folder's path is too long for a Unix socket (${path}). Set TMPDIR to a shorter one.`,
        );
      }
      await once(server.#server.listen(path), 'listening').catch((cause: unknown) => {
        throw noSocket(folder, cause);
      });
    } catch (error) {
      await server.close();
      throw error;
    }
    // Without descriptors it cannot accept: who connects then is disconnected, and that is where it is told.
    server.#server.on('error', () => {});
    server.#server.unref();
    return server;
  }

  private constructor(
    folder: string,
    path: string,
    secretOf: (hello: HelloMessage) => string | undefined,
    introduce: (introduction: Introduction) => void,
  ) {
    this.#folder = folder;
    this.path = path;
    this.#server = createServer((socket) => this.#meet(socket, secretOf, introduce));
    this.#forgetFolder = atExit(() => rmSync(folder, { recursive: true, force: true }));
  }

  async close(): Promise<void> {
    this.#forgetFolder();
    for (const socket of this.#strangers) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #meet(
    socket: Socket,
    secretOf: (hello: HelloMessage) => string | undefined,
    introduce: (introduction: Introduction) => void,
  ): void {
    if (this.#strangers.size >= MAX_STRANGERS) {
      socket.destroy();
      return;
    }
    this.#strangers.add(socket);
    socket.unref();
    const reader = new FrameReader(HELLO_MAX_BYTES);
    const timer = setTimeout(() => socket.destroy(), HELLO_TIMEOUT_MS).unref();
    const forget = () => {
      clearTimeout(timer);
      this.#strangers.delete(socket);
    };
    socket.on('error', () => socket.destroy());
    socket.once('close', forget);
    const listen = (chunk: Buffer) => {
      let hello: HelloMessage | undefined;
      try {
        const frame = reader.push(chunk).next();
        if (frame.done) return;
        hello = asHello(frame.value.message);
      } catch {
        hello = undefined;
      }
      if (!hello || hello.protocol !== PROTOCOL_VERSION || !sameSecret(secretOf(hello), hello.secret)) {
        socket.destroy();
        return;
      }
      socket.off('data', listen);
      socket.off('close', forget);
      forget();
      introduce({ hello, socket, rest: reader.rest() });
    };
    socket.on('data', listen);
  }
}

function sameSecret(expected: string | undefined, shown: string): boolean {
  if (expected === undefined) return false;
  const [a, b] = [Buffer.from(expected), Buffer.from(shown)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function noSocket(folder: string, cause: unknown): CodeModeError {
  const reason = (cause as Error).message;
  return new CodeModeError('kernel_start_failed', `The socket for Python could not be made in ${folder}: ${reason}`, {
    cause,
  });
}
