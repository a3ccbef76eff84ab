import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { chooseModel } from './choose-model.ts';
import { createApp } from './create-app.ts';
import { type Order, openShop } from './shop.ts';

export interface PageServer extends AsyncDisposable {
  url: string;
  /** Orders that were really made. */
  orders: Order[];
}

/** Serves the page to this machine. @param port 0 for a free one */
export async function startServer(port: number): Promise<PageServer> {
  const { tools, orders } = openShop();
  const { app, codeMode } = createApp(await chooseModel(), tools);
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }) as Server;
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    orders,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await codeMode.close();
    },
  };
}
