import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { RedisStorage } from '../../src/storage/redis.ts';
import { storageConformance } from '../../src/testing/storage-conformance.ts';
import { RedisServer } from './redis-server.ts';
import { redisStore } from './redis-store.ts';

const folder = await mkdtemp(join(tmpdir(), 'code-mode-tls-'));
const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
const server = await startServer();
afterAll(async () => {
  await server?.dispose();
  await rm(folder, { recursive: true });
});

if (server === undefined) {
  console.warn('Redis over TLS is not tested: this redis-server was built without TLS.');
  test.skip('this redis-server was built without TLS', () => {});
} else {
  const url = `rediss://127.0.0.1:${server.port}`;
  const create = async () => {
    const client = new Redis(url, { tls: { ca: await readFile(certificate) } });
    const dispose = async () => client.disconnect();
    return redisStore({ options: { url, ca: certificate }, root: 'py_code_mode', client, dispose });
  };
  storageConformance('RedisStorage over TLS', create, { processes: false });

  test('a rediss:// URL is enough where Node knows the certificate', () => {
    const program = new URL('./open-storage.ts', import.meta.url).href;
    const code = `import { openStorage } from '${program}';
await using storage = openStorage({ url: '${url}', prefix: 'by-url' });
await storage.set('artifacts/x', Buffer.from('over TLS'));
console.log(String(Buffer.from((await storage.get('artifacts/x')).value)));`;
    const flags = ['--input-type=module-typescript', '--experimental-strip-types', '--no-warnings'];
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };
    expect(execFileSync(process.execPath, [...flags, '-e', code], { env, encoding: 'utf8' })).toBe('over TLS\n');
  });

  test('a certificate that nobody vouches for is refused before anything is sent', async () => {
    await using storage = new RedisStorage({ url });
    await expect(storage.set('private/x', Buffer.from('1'))).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringMatching(
        /^Redis could not be used \(self-signed certificate.*\); nothing was changed\. Check the server and try again\.$/,
      ),
    });
  });

  test('a client without TLS is told so', async () => {
    await using storage = new RedisStorage({ url: url.replace('rediss:', 'redis:') });
    await expect(storage.get('private/x')).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
}

async function startServer(): Promise<RedisServer | undefined> {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const keyOptions = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...subject, ...keyOptions, '-out', certificate], {
    stdio: 'ignore',
  });
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  try {
    return await RedisServer.start((port) => {
      return ['--port', '0', '--tls-port', `${port}`, ...files, '--tls-auth-clients', 'no'];
    });
  } catch (error) {
    if (String(error).includes('Bad directive')) return undefined;
    throw error;
  }
}
