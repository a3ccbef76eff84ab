import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { type Destination, spell } from './allow-list.ts';
import { isPublicAddress } from './public-address.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** The addresses of a name. */
export type Resolve = (host: string) => Promise<string[]>;

/** Why somebody is not connected, as an HTTP proxy says it. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export async function resolveName(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/**
 * Connects to a destination of the allow-list. A name leads to public addresses alone, and the address that was looked
 * at is the one that is connected to. An address that is named itself may be any, and `localhost` is this machine.
 *
 * @throws Refusal
 */
export async function dial(destination: Destination, resolve: Resolve): Promise<Socket> {
  let cause: NodeJS.ErrnoException | undefined;
  for (const address of await addressesOf(destination, resolve)) {
    const socket = connect({ host: address, port: destination.port, allowHalfOpen: true });
    socket.unref();
    // Waiting for a connection keeps no program alive, so the timer must not, either.
    const timer = setTimeout(() => socket.destroy(timedOut()), CONNECT_TIMEOUT_MS).unref();
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      cause = error as NodeJS.ErrnoException;
    } finally {
      clearTimeout(timer);
    }
  }
  throw new Refusal(502, `${spell(destination)} could not be reached: ${cause?.code ?? 'it has no address'}`);
}

async function addressesOf({ host }: Destination, resolve: Resolve): Promise<string[]> {
  if (isIP(host)) return [host];
  if (host === 'localhost') return ['127.0.0.1', '::1'];
  const found = await resolve(host).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(502, `${host} could not be resolved: ${error.code}`);
  });
  const open = found.filter(isPublicAddress);
  if (found.length > 0 && open.length === 0) {
    throw new Refusal(
      403,
      `${host} resolves to ${found[0]}, which is not public. network.allow must name the address itself`,
    );
  }
  return open;
}

function timedOut(): NodeJS.ErrnoException {
  return Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' });
}
