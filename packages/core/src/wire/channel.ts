import type { Socket } from 'node:net';
import { CodeModeError } from '../errors.ts';
import { encodeFrame, type Frame, type FrameReader, protocolError } from './frames.ts';

/** Frames that the other side may leave unread. Python that reads what it asked for stays far below. */
const MAX_UNREAD = 100_000;
/** Frames in one piece of the stream after which others have their turn. */
const BURST = 100;

export interface ChannelListener {
  frame(frame: Frame): void;
  /** Called exactly once, last. `error` is the protocol error or socket error that closed it. */
  closed(error: Error | undefined): void;
}

/** Frames over a connected socket. A frame that breaks the protocol closes it, with the reason. */
export class Channel {
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  listener: ChannelListener | undefined;
  #closed = false;
  #unread = 0;
  readonly #written = () => {
    this.#unread--;
  };

  constructor(socket: Socket, reader: FrameReader) {
    this.#socket = socket;
    this.#reader = reader;
    socket.on('data', (chunk) => this.#receive(chunk as Buffer));
    socket.on('error', (error) => this.#close(error));
    socket.on('close', () => this.#close(undefined));
  }

  /**
   * Sends a frame; dropped when the channel is closed, because closing has already failed what waits for it. `taken` is
   * called when this process holds it no more.
   */
  send(message: object, attachment?: Uint8Array, taken?: () => void): void {
    if (this.#closed) return;
    // Throws for what no frame can hold, and then nothing is sent.
    const buffers = encodeFrame(message, attachment);
    if (++this.#unread > MAX_UNREAD) {
      this.#close(protocolError(`it left ${MAX_UNREAD.toLocaleString('en-US')} frames of the host unread`));
      return;
    }
    const written = taken
      ? () => {
          this.#written();
          taken();
        }
      : this.#written;
    const last = buffers.pop() as Buffer;
    if (buffers.length === 0) {
      this.#socket.write(last, written);
      return;
    }
    this.#socket.cork();
    for (const buffer of buffers) this.#socket.write(buffer);
    this.#socket.write(last, written);
    this.#socket.uncork();
  }

  /** Ends the connection: the other side reads end of file after what was sent. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#close(undefined);
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  #receive(chunk: Buffer): void {
    if (this.#closed) return;
    try {
      let frames = 0;
      for (const frame of this.#reader.push(chunk)) {
        this.listener?.frame(frame);
        if (this.#closed) return;
        frames++;
      }
      if (frames >= BURST) this.#letOthers();
    } catch (error) {
      // Also what only comes to light while a frame is used, e.g. bytes that point outside it.
      this.#close(CodeModeError.isInstance(error) ? error : protocolError((error as Error).message));
    }
  }

  /** Many small frames came at once: what else there is to do in this process has its turn before the next. */
  #letOthers(): void {
    this.#socket.pause();
    setImmediate(() => this.#socket.resume());
  }

  #close(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.listener?.closed(error);
  }
}
