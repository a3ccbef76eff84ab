import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Environments } from '../../src/deps/environments.ts';
import { resolveDepsOptions } from '../../src/deps/options.ts';
import { parseRequirement } from '../../src/deps/requirement.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';

/*
 * What a package may leave in its folder when it is built in a container, where it must not touch this machine. The
 * host looks at the folder afterwards.
 */

const root = mkdtempSync(join(tmpdir(), 'code-mode-hostile-'));
afterAll(() => rmSync(root, { recursive: true }));
const secret = join(root, 'secret');
mkdirSync(join(root, 'elsewhere/python3/site-packages/stolen-1.0.dist-info'), { recursive: true });
writeFileSync(secret, 'Name: secret\nVersion: of the host\n');

/** Has it installed, and returns what was found. */
async function look(install: (folder: string) => void) {
  const options = resolveDepsOptions({ cacheFolder: mkdtempSync(join(root, 'cache-')) }, new MemoryStorage());
  const installer = { identify: async () => ({}), install: async ({ folder }: { folder: string }) => install(folder) };
  const { packages } = await new Environments(options, installer).ensure({
    requirements: [parseRequirement('six')],
    signal: AbortSignal.timeout(60_000),
    onLine: () => {},
  });
  return packages;
}

function sitePackages(folder: string): string {
  const path = join(folder, 'lib/python3/site-packages');
  mkdirSync(path, { recursive: true });
  return path;
}

test('a link in the place of what the host writes is not followed', async () => {
  const packages = await look((folder) => {
    sitePackages(folder);
    for (const name of ['.complete.json', 'home', 'packages.json']) symlinkSync(secret, join(folder, name));
  });
  expect([packages, readFileSync(secret, 'utf8')]).toEqual([[], 'Name: secret\nVersion: of the host\n']);
});

test('a link in the place of metadata is not read', async () => {
  const looking = look((folder) => {
    const info = join(sitePackages(folder), 'six-1.0.dist-info');
    mkdirSync(info);
    symlinkSync(secret, join(info, 'METADATA'));
  });
  await expect(looking).rejects.toThrow('ELOOP');
});

test('a link in the place of a folder is not listed', async () => {
  const folders = await look((folder) =>
    symlinkSync(join(root, 'elsewhere'), join(sitePackages(folder), 'a.dist-info')),
  );
  expect(folders).toEqual([]);
  const looking = look((folder) => symlinkSync(join(root, 'elsewhere'), join(folder, 'lib')));
  await expect(looking).rejects.toThrow('has no site-packages.');
});
