import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** The installer's options for a page that lists wheels, and for one that never answers. */
export interface ServedWheels extends AsyncDisposable {
  extraArgs: string[];
  silent: string[];
  /** Resolves when somebody asks for the silent page. */
  asked(): Promise<void>;
}

/** Serves the wheels of a folder to an installer that cannot see it. */
export async function serveWheels(folder: string): Promise<ServedWheels> {
  const asked = new EventEmitter();
  const server = createServer(({ url = '/' }, response) => {
    if (url === '/silent') {
      asked.emit('asked');
      return;
    }
    const name = url.slice(1);
    const links = () => readdirSync(folder).map((file) => `<a href="/${file}">${file}</a>`);
    response.setHeader('content-type', name === '' ? 'text/html' : 'application/zip');
    response.end(name === '' ? links().join('\n') : readFileSync(join(folder, name)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    extraArgs: ['--no-index', '--find-links', address],
    silent: ['--no-index', '--find-links', `${address}silent`],
    asked: async () => void (await once(asked, 'asked')),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
