import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { type AllowList, type Destination, parseDestination, spell } from './allow-list.ts';
import { dial, Refusal, type Resolve, resolveName } from './dial.ts';

/** Of the kernel's programs, and to where they go: one connection may ask for several. */
const MAX_CONNECTIONS = 64;
/** A connection on which nothing moves for so long is given up. */
const IDLE_MS = 600_000;
/** Headers between two neighbours, which end here (RFC 9110, 7.6.1). `transfer-encoding` is Node's to read and write. */
const HOP_BY_HOP = [
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection'],
  ...['te', 'trailer', 'upgrade', 'expect'],
];

/**
 * The way out of one kernel: an HTTP proxy (`CONNECT`, and requests with a whole URL) that connects to what the
 * allow-list names, and to nothing else. It listens nowhere; it serves the connections it is given.
 */
export class NetworkProxy {
  readonly #allow: AllowList;
  readonly #resolve: Resolve;
  readonly #idleMs: number;
  readonly #server: Server;
  /** The kernel's connections, each with those that it asked for. */
  readonly #clients = new Map<Socket, Set<Socket>>();
  #opened = 0;

  constructor(allow: AllowList, resolve: Resolve = resolveName, idleMs = IDLE_MS) {
    this.#allow = allow;
    this.#resolve = resolve;
    this.#idleMs = idleMs;
    this.#server = createServer((message, response) => void this.#forward(message, response));
    this.#server.timeout = idleMs;
    this.#server.on('connect', (message: IncomingMessage, client: Socket, head: Buffer) => {
      void this.#tunnel(message, client, head);
    });
  }

  serve(client: Socket): void {
    client.on('error', () => client.destroy());
    if (this.#clients.size >= MAX_CONNECTIONS) {
      turnAway(client, tooMany());
      return;
    }
    client.allowHalfOpen = true;
    const upstreams = new Set<Socket>();
    this.#clients.set(client, upstreams);
    client.once('close', () => {
      this.#clients.delete(client);
      for (const upstream of upstreams) upstream.destroy();
    });
    this.#server.emit('connection', client);
  }

  /** Ends every connection. */
  close(): void {
    for (const client of this.#clients.keys()) client.destroy();
  }

  async #tunnel(message: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    try {
      const asked = destinationOf(message, message.url ?? '');
      const upstream = await this.#open(asked, client);
      client.setTimeout(this.#idleMs, () => client.destroy());
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      // Each direction may end before the other.
      pipeline(client, upstream, () => {});
      pipeline(upstream, client, () => {});
    } catch (error) {
      turnAway(client, asRefusal(error));
    }
  }

  async #forward(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (error: unknown) => answerWith(response, asRefusal(error));
    let upstream: Socket | undefined;
    try {
      const [, authority, path = ''] = /^http:\/\/([^/?#\\@]+)([/?].*)?$/i.exec(message.url ?? '') ?? [];
      if (authority === undefined) {
        throw new Refusal(400, 'this is a proxy, which takes CONNECT host:port or a request with a whole http:// URL');
      }
      const asked = destinationOf(message, withPort(authority, 80));
      const connection = await this.#open(asked, message.socket);
      upstream = connection;
      const forwarded = request({
        createConnection: () => connection,
        method: message.method,
        path: path.startsWith('/') ? path : `/${path}`,
        headers: [...passedOn(message), 'Host', authority, 'Connection', 'close'],
      });
      forwarded.on('error', refuse);
      forwarded.on('response', (answer) => {
        try {
          response.sendDate = false;
          response.writeHead(answer.statusCode ?? 502, answer.statusMessage, passedOn(answer));
          pipeline(answer, response, () => {});
        } catch (error) {
          refuse(error);
          connection.destroy();
        }
      });
      pipeline(message, forwarded, () => {});
    } catch (error) {
      upstream?.destroy();
      refuse(error);
    }
  }

  /** Connects to what a request asks for, if that is allowed. The connection ends with the client's. */
  async #open(asked: Destination, client: Socket): Promise<Socket> {
    const destination = this.#allow.find(asked);
    if (!destination) throw new Refusal(403, `${spell(asked)} is not in network.allow`);
    if (this.#opened >= MAX_CONNECTIONS) throw tooMany();
    this.#opened++;
    try {
      const upstream = await dial(destination, this.#resolve);
      const upstreams = this.#clients.get(client);
      upstreams?.add(upstream);
      upstream.on('error', () => upstream.destroy());
      upstream.once('close', () => {
        upstreams?.delete(upstream);
        this.#opened--;
      });
      // The client may have gone meanwhile.
      if (!upstreams) upstream.destroy();
      return upstream;
    } catch (error) {
      this.#opened--;
      throw error;
    }
  }
}

/** What a request asks for. Its Host header must say the same, so that nobody takes it for something else. */
function destinationOf(message: IncomingMessage, authority: string): Destination {
  const asked = parseDestination(authority);
  if (!asked) throw new Refusal(400, 'the request names no host:port that network.allow could have');
  const hosts = message.headersDistinct.host ?? [];
  const agree = hosts.every((host) => {
    const named = parseDestination(withPort(host, asked.port));
    return named?.host === asked.host && named.port === asked.port;
  });
  if (!agree || hosts.length > 1)
    throw new Refusal(400, `the Host header must be ${spell(asked)}, as in the request line`);
  return asked;
}

function withPort(authority: string, port: number): string {
  return /:\d+$/.test(authority.replace(/^\[.*\]/, '')) ? authority : `${authority}:${port}`;
}

/** The headers that go on, in their order and with their spelling. */
function passedOn({ rawHeaders, headers }: IncomingMessage): string[] {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const dropped = new Set([...HOP_BY_HOP, ...named, 'host']);
  return rawHeaders.filter((_, index) => !dropped.has((rawHeaders[index - (index % 2)] ?? '').toLowerCase()));
}

function tooMany(): Refusal {
  return new Refusal(503, `the session has ${MAX_CONNECTIONS} connections already, which is the most`);
}

function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal(502, `the exchange failed: ${(error as Error).message}`);
}

function answerWith(response: ServerResponse, { status, message }: Refusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, printable(message), { 'Content-Type': 'text/plain', Connection: 'close' });
  response.end(`${printable(message)}\n`);
}

/** Answers CONNECT. Most clients show the reason in the first line alone. */
function turnAway(client: Socket, { status, message }: Refusal): void {
  client.end(`HTTP/1.1 ${status} ${printable(message)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  // What is not read to its end is never closed.
  client.resume();
}

function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?');
}
