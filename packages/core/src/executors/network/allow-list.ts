import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { CodeModeError } from '../../errors.ts';

/** A host, in the one spelling that is compared, and a port. */
export interface Destination {
  host: string;
  port: number;
}

/** The hosts and ports that the code of an executor may reach. */
export class AllowList {
  readonly #destinations: Destination[];

  /** `entries`: `host:port` each, `[address]:port` for IPv6. @throws CodeModeError `invalid_options` */
  constructor(entries: readonly string[]) {
    this.#destinations = entries.map((entry) => {
      const destination = parseDestination(entry);
      if (destination) return destination;
      throw new CodeModeError(
        'invalid_options',
        `network.allow takes 'host:port' with a name or an address, IPv6 in brackets, got ${JSON.stringify(entry)}.`,
      );
    });
  }

  /** The entry that allows a destination. To connect to it, and not to what was asked for, leaves no room for tricks. */
  find({ host, port }: Destination): Destination | undefined {
    return this.#destinations.find((allowed) => allowed.host === host && allowed.port === port);
  }

  toString(): string {
    return this.#destinations.map(spell).join(', ') || 'nothing';
  }
}

/** The one parser of `host:port`, for the host's own list and for what the code asks for. */
export function parseDestination(text: string): Destination | undefined {
  const [, v6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([^\s[\]:@/?#\\%]+)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  const host = v6 === undefined ? parseName(name ?? '') : parseV6(v6);
  return host && port > 0 && port <= 65_535 ? { host, port } : undefined;
}

export function spell({ host, port }: Destination): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function parseV6(text: string): string | undefined {
  return isIPv6(text) ? new URL(`http://[${text}]`).hostname.slice(1, -1) : undefined;
}

function parseName(text: string): string | undefined {
  if (isIPv4(text)) return text;
  // What ends in a number is an address in some other spelling: 127.1, 0x7f000001, 2130706433.
  const labels = text.replace(/\.$/, '').split('.');
  if (/^(?:\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? '')) return undefined;
  const name = domainToASCII(labels.join('.')).toLowerCase();
  return name.length <= 253 && name.split('.').every((label) => /^[a-z0-9_-]{1,63}$/.test(label)) ? name : undefined;
}
