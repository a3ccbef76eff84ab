import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { FileStorage } from '../../../src/storage/file.ts';
import { describeOnEachStorage, withSession } from './stores.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'code-mode-artifacts-'));
  folders.push(folder);
  return folder;
}

// The numbers are those of the behaviour list of py-code-mode.
describeOnEachStorage('artifacts', (open) => {
  it('91: types come back as they went in, from Python to Python and to the host', async () => {
    await using storage = open('types');
    await withSession({ storage }, async (python, { artifacts }) => {
      const values = `["grüße 😀\\n", b"\\x00\\xff", {"a": [1, 2.5, None, True]}, [1, "x"], 5, None, False, "5", '{"a": 1}', 2**70]`;
      expect(await python(`for n, v in enumerate(${values}): artifacts.save(f"v{n}.json", v)`)).toBeUndefined();
      expect(await python(`[repr(artifacts.load(f"v{n}.json")) == repr(v) for n, v in enumerate(${values})]`)).toEqual(
        Array(10).fill(true),
      );
      expect(await artifacts.load('v0.json')).toBe('grüße 😀\n');
      expect(await artifacts.load('v1.json')).toEqual(Uint8Array.of(0, 255));
      expect(await artifacts.load('v2.json')).toEqual({ a: [1, 2.5, null, true] });
      expect(await artifacts.load('v4.json')).toBe(5);
      expect(await artifacts.load('v8.json')).toBe('{"a": 1}');
      expect(await artifacts.load('v9.json')).toBe(2n ** 70n);
    });
  });

  it('91: and from the host to Python', async () => {
    await using storage = open('from-host');
    await withSession({ storage }, async (python, { artifacts, id }) => {
      await artifacts.save('text', 'é', { description: 'd', metadata: { source: { url: 'x' }, $n: 1 } });
      await artifacts.save('bytes', Uint8Array.of(1, 2));
      await artifacts.save('json', { a: [1, 'x', null, 2n ** 64n] });
      await artifacts.save(
        'stream',
        (async function* () {
          yield Buffer.from('ab');
          yield Buffer.from('c');
        })(),
      );
      expect(await python('repr([artifacts.load(n) for n in ("text", "bytes", "json", "stream")])')).toBe(
        "['é', b'\\x01\\x02', {'a': [1, 'x', None, 18446744073709551616]}, b'abc']",
      );
      expect(
        await python('e = artifacts.get("text"); [e.description, repr(e.metadata), e.run, e.type, e.size]'),
      ).toEqual(['d', "{'source': {'url': 'x'}, '$n': 1}", null, 'text', 2]);
      expect(await artifacts.get('stream')).toMatchObject({
        type: 'bytes',
        size: 3,
        sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        sessionId: id,
      });
    });
  });

  it('92, 100: nested names, descriptions, metadata, dates, hash, MIME type and run are kept and listed', async () => {
    await using storage = open('nested');
    await withSession({ storage }, async (python, { artifacts, id }) => {
      await python('artifacts.save("x/y/z.csv", "a,b\\n", "numbers", {"source": "sensor", "n": [1]})');
      await python('artifacts.save("x/other", {"a": 1}); artifacts.save("y", b"\\x89PNG\\r\\n\\x1a\\n....")');
      const entry = await artifacts.get('x/y/z.csv');
      expect(entry).toEqual({
        name: 'x/y/z.csv',
        type: 'text',
        description: 'numbers',
        metadata: { source: 'sensor', n: [1] },
        createdAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        size: 4,
        sha256: createHash('sha256').update('a,b\n').digest('hex'),
        mimeType: 'text/csv; charset=utf-8',
        runId: `${id.slice(0, 8)}-r1`,
        sessionId: id,
      });
      expect((await artifacts.list()).map(({ name, mimeType }) => `${name} ${mimeType}`)).toEqual([
        'x/other application/json',
        'x/y/z.csv text/csv; charset=utf-8',
        'y image/png',
      ]);
      expect((await artifacts.list('x/')).map(({ name }) => name)).toEqual(['x/other', 'x/y/z.csv']);
      expect(await python('[e.name for e in artifacts.list("x/y")]')).toEqual(['x/y/z.csv']);
      expect(
        await python(
          'import hashlib; e = artifacts.get("x/y/z.csv"); [e.hash == hashlib.sha256(b"a,b\\n").hexdigest(), e.created_at.tzinfo is not None, e.metadata, e.mime]',
        ),
      ).toEqual([true, true, { source: 'sensor', n: [1] }, 'text/csv; charset=utf-8']);
    });
  });

  it('93, 95, 97: every bad name is one error of one form, and nothing is written', async () => {
    await using storage = open('names');
    await withSession({ storage }, async (python, { artifacts }) => {
      const names = {
        '""': 'it is empty',
        '"."': '"." and ".." are no names',
        '"../e"': '"." and ".." are no names',
        '"a/../../e"': '"." and ".." are no names',
        '"/etc/passwd"': 'it starts or ends with "/", or holds "//"',
        '"a\\0b"': 'it holds a control character',
        '"n" * 300': 'a part is longer than 240 bytes',
        '".artifacts.json"': 'it is reserved for the index',
        '"__index__"': 'it is reserved for the index',
        '"a\\\\b"': 'use "/" to separate folders',
      };
      for (const [name, reason] of Object.entries(names)) {
        for (const call of [
          `artifacts.save(${name}, "x")`,
          `artifacts.load(${name})`,
          `artifacts.save(${name}, bytes(2_000_000))`,
        ]) {
          await expect(python(call), call).rejects.toThrow(
            new RegExp(
              `^ArtifactNameError: The name ".*" is not allowed in artifacts: ${reason.replace(/[.()]/g, '\\$&')}\\.$`,
            ),
          );
        }
      }
      await expect(python('artifacts.save(5, "x")')).rejects.toThrow(
        'ArtifactNameError: The name of an artifact must be a str, not int.',
      );
      await expect(artifacts.save('../e', 'x')).rejects.toMatchObject({ code: 'invalid_name' });
      expect(await artifacts.list()).toEqual([]);
    });
  });

  it('94: overwriting replaces; what is missing is said once and for all', async () => {
    await using storage = open('missing');
    await withSession({ storage }, async (python, { artifacts }) => {
      expect(
        await python(
          'artifacts.save("report", "old", "first"); artifacts.save("report", {"new": 1}); [artifacts.load("report"), artifacts.get("report").description]',
        ),
      ).toEqual([{ new: 1 }, '']);
      await expect(python('artifacts.load("reprot")')).rejects.toThrow(
        'ArtifactNotFoundError: There is no artifact "reprot". Did you mean "report"?',
      );
      expect(
        await python(
          '[artifacts.get("zz"), artifacts.exists("zz"), "zz" in artifacts, artifacts.delete("zz"), artifacts.delete("report"), artifacts.exists("report")]',
        ),
      ).toEqual([null, false, false, false, true, false]);
      await expect(artifacts.load('zz')).rejects.toMatchObject({
        code: 'artifact_not_found',
        message: 'There is no artifact "zz". artifacts.list() shows what there is.',
      });
      expect(
        await python(
          'try:\n  artifacts.load("zz")\nexcept LookupError as error: found = type(error) is ArtifactNotFoundError\nfound',
        ),
      ).toBe(true);
    });
  });

  it('96: what would come back as something else is refused on both sides', async () => {
    await using storage = open('refused');
    await withSession({ storage }, async (python, { artifacts }) => {
      await expect(python('artifacts.save("x", (1, 2))')).rejects.toThrow(
        'ArtifactTypeError: artifacts.save: data cannot be saved as it is: a tuple has no exact form. Save list(...).',
      );
      await expect(python('artifacts.save("x", {"a": float("nan")})')).rejects.toThrow(
        "ArtifactTypeError: artifacts.save: data['a'] cannot be saved as it is: nan is no number in JSON. Save None in its place.",
      );
      await expect(python('artifacts.save("x", "x", metadata={"_data_type": "json"})')).rejects.toThrow(
        'NamespaceError: metadata may not have the key "_data_type", which is the store\'s own; rename it.',
      );
      const cases: [unknown, string][] = [
        [new Date(0), 'data is a Date, which would come back as something else; save its toISOString().'],
        [{ a: [Number.NaN] }, 'data["a"][0] is NaN, which JSON does not have; use null.'],
        [{ a: undefined }, 'data["a"] is undefined; leave it out, or use null.'],
        [
          new Float32Array(1),
          'data is a Float32Array, which would come back as something else; save a Uint8Array alone, or a list of numbers.',
        ],
        [
          '\ud800',
          'data holds half of a character (a lone surrogate); save bytes, or mend the text with toWellFormed().',
        ],
      ];
      for (const [value, message] of cases)
        await expect(artifacts.save('x', value)).rejects.toMatchObject({ code: 'invalid_arguments', message });
      expect(await artifacts.list()).toEqual([]);
    });
  });

  it('98: two sessions that save 120 artifacts at once lose none', async () => {
    await using one = open('many');
    await using two = open('many');
    const save = (name: string) => `
from concurrent.futures import ThreadPoolExecutor
def save(n):
    artifacts.save(f"${name}/{n}.json", {"n": n}, f"number {n}")
with ThreadPoolExecutor(6) as pool: list(pool.map(save, range(60)))`;
    await Promise.all([
      withSession({ storage: one }, (python) => python(save('a'))),
      withSession({ storage: two }, (python) => python(save('b'))),
    ]);
    await withSession({ storage: one }, async (python) => {
      expect(
        await python(
          '[len(artifacts.list()), sum(artifacts.load(e.name)["n"] for e in artifacts.list()), all(e.description == f"number {artifacts.load(e.name)[\'n\']}" for e in artifacts.list())]',
        ),
      ).toEqual([120, 3540, true]);
    });
  });

  it('awaits, gathers and reads parts', async () => {
    await using storage = open('async');
    await withSession({ storage }, async (python) => {
      await python(
        'import asyncio\nawait asyncio.gather(*(artifacts.save(f"{n}", "é" * n * 700_000) for n in range(1, 4)))',
      );
      expect(await python('x = await artifacts.load("3")\n[len(x), set(x) == {"é"}]')).toEqual([2_100_000, true]);
      expect(
        await python(
          '[artifacts.read("3", 0, 3), artifacts.read("3", 3, 5), artifacts.read("3", -2), len(artifacts.read("3", 1)), artifacts.read("1", 5, 2)]',
        ),
      ).toEqual(['éé', 'é', 'é', 2_099_999, '']);
      expect(await python('artifacts.save("b", bytes(range(10))); repr(artifacts.read("b", 2, -6))')).toBe(
        "b'\\x02\\x03'",
      );
    });
  });
});

it('93: symbolic links out of the folder are refused', async () => {
  const folder = await newFolder();
  await mkdir(join(folder, 'artifacts'));
  await symlink('/etc', join(folder, 'artifacts', 'link'));
  await using storage = new FileStorage(folder);
  await withSession({ storage }, async (python) => {
    await expect(python('artifacts.load("link/passwd")')).rejects.toThrow(
      'NamespaceError: artifacts/link in the store is a symbolic link, which is never followed; remove it or restore it from a copy.',
    );
  });
});

it('99: what was put there by hand, or by py-code-mode, is loaded, listed and found', async () => {
  const folder = await newFolder();
  const artifacts = join(folder, 'artifacts');
  await mkdir(join(artifacts, 'sub'), { recursive: true });
  await writeFile(join(artifacts, 'notes.txt'), 'by hand');
  await writeFile(join(artifacts, 'latin.txt'), Buffer.from([0xe9]));
  await writeFile(join(artifacts, 'sub', 'rows.json'), '[1, 2]');
  await writeFile(join(artifacts, 'broken.json'), '[1,');
  await writeFile(join(artifacts, 'report'), 'saved as text');
  await writeFile(join(artifacts, 'table'), '{"a": 1}');
  const entry = (type: string) => ({
    description: 'theirs',
    created_at: '2026-01-02T03:04:05.000006+00:00',
    metadata: { k: 1, _data_type: type },
  });
  await writeFile(join(artifacts, '.artifacts.json'), JSON.stringify({ report: entry('text'), table: entry('json') }));
  await using storage = new FileStorage(folder);
  await withSession({ storage }, async (python) => {
    expect(await python('[e.name for e in artifacts.list()]')).toEqual([
      'broken.json',
      'latin.txt',
      'notes.txt',
      'report',
      'sub/rows.json',
      'table',
    ]);
    expect(await python('[artifacts.load(n) for n in ("notes.txt", "report", "sub/rows.json", "table")]')).toEqual([
      'by hand',
      'saved as text',
      [1, 2],
      { a: 1 },
    ]);
    expect(await python('repr(artifacts.load("latin.txt"))')).toBe("b'\\xe9'");
    expect(
      await python(
        'e = artifacts.get("table"); [e.description, e.metadata, e.type, e.hash, e.run, str(e.created_at), artifacts.exists("notes.txt")]',
      ),
    ).toEqual(['theirs', { k: 1 }, 'json', null, null, '2026-01-02 03:04:05+00:00', true]);
    await expect(python('artifacts.load("broken.json")')).rejects.toThrow(
      /^NamespaceError: The artifact 'broken\.json' is not a json that can be read \(.*\); artifacts\.read\('broken\.json'\) gives what is stored\.$/,
    );
    expect(await python('artifacts.read("broken.json")')).toBe('[1,');
  });
});
