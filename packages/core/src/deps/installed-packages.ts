import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { normaliseName } from './requirement.ts';

export interface InstalledPackage {
  /** Normalised. */
  name: string;
  version: string;
  /** The names it can be imported by: `python-dateutil` brings `dateutil`. */
  modules: string[];
}

/** What is installed in a folder, by name, as its `*.dist-info` folders say. */
export async function listPackages(sitePackages: string): Promise<InstalledPackage[]> {
  const entries = await readdir(sitePackages, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name.endsWith('.dist-info'));
  const packages = await Promise.all(folders.map(({ name }) => readPackage(join(sitePackages, name))));
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Files that a Python would execute at its start if the folder were its own. They are never executed here. */
export async function listStartFiles(sitePackages: string): Promise<string[]> {
  const names = await readdir(sitePackages);
  return names.filter((name) => name.endsWith('.pth') || /^(?:site|user)customize(?:\.py|$)/.test(name)).sort();
}

async function readPackage(folder: string): Promise<InstalledPackage> {
  const metadata = await readOwn(join(folder, 'METADATA'));
  const record = await readOwn(join(folder, 'RECORD')).catch(() => '');
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(metadata)?.[1]?.trim() ?? '';
  const modules = new Set(record.split('\n').flatMap((line) => moduleIn(line) ?? []));
  return { name: normaliseName(field('Name')), version: field('Version'), modules: [...modules].sort() };
}

/** The importable name that a line of RECORD speaks of: `six.py,sha256=…`, `yaml/__init__.py,…`, `_x.cpython-312.so,…`. */
function moduleIn(line: string): string | undefined {
  const [, name] = /^"?([A-Za-z_]\w*)(?:\/|\.py,|\.(?:[\w-]+\.)?(?:so|pyd),)/.exec(line) ?? [];
  return name === '__pycache__' ? undefined : name;
}

/** Reads a file, but follows no link and waits for no pipe, which whoever builds a package can put in its place. */
async function readOwn(path: string): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!(await file.stat()).isFile()) throw new Error(`${path} is no file`);
  return await file.readFile('utf8');
}
