import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry with one image, `empty`, that has one layer with nothing in it. */
export async function openRegistry(): Promise<{ image: string; close(): void }> {
  const layer = Buffer.alloc(1024);
  const config = json({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [digest(layer)] },
  });
  const part = (kind: string, bytes: Buffer) => ({ mediaType: kind, size: bytes.length, digest: digest(bytes) });
  const type = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = json({
    schemaVersion: 2,
    mediaType: type,
    config: part('application/vnd.docker.container.image.v1+json', config),
    layers: [part('application/vnd.docker.image.rootfs.diff.tar', layer)],
  });
  const blobs = new Map([layer, config, manifest].map((bytes) => [digest(bytes), bytes]));
  const server = createServer(({ url = '', method }, response) => {
    const name = url.split('/').at(-1) as string;
    const body = url === '/v2/' ? json({}) : name === 'latest' ? manifest : blobs.get(name);
    if (!body) {
      response.writeHead(404).end();
      return;
    }
    const isManifest = body === manifest;
    response.writeHead(200, {
      'docker-distribution-api-version': 'registry/2.0',
      'docker-content-digest': digest(body),
      'content-type': isManifest ? type : 'application/octet-stream',
      'content-length': body.length,
    });
    response.end(method === 'HEAD' ? undefined : body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { image: `127.0.0.1:${(server.address() as AddressInfo).port}/empty`, close };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function digest(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
