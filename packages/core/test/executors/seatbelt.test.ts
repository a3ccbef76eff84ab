import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findPython } from '../../src/executors/subprocess/find-python.ts';
import { LAYERS, reportIsolation } from '../../src/executors/subprocess/isolation.ts';
import { type Seatbelt, trySeatbelt } from '../../src/executors/subprocess/seatbelt.ts';
import type { Zygote } from '../../src/executors/zygote/zygote.ts';

/* There is no Mac to run this on: a script stands for the system's program, and what is tested is what we make of it. */

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'cm-test-seatbelt-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Tries Python in a program that is made of a shell script. `$@` is what it was asked to run. */
async function tryIn(script: string, network = false) {
  const own = mkdtempSync(join(folder, 'own-'));
  const [program, socket] = [join(own, 'sandbox-exec'), join(own, 'socket')];
  writeFileSync(program, `#!/bin/sh\nprintf %s "$2" > ${own}/profile\nshift 2\n${script}\n`);
  chmodSync(program, 0o755);
  const host = createServer((connection) => connection.resume());
  await new Promise<void>((resolve) => host.listen(socket, resolve));
  const paths = { readable: [folder, '/nowhere'], writable: [], socket, network };
  const seatbelt = await trySeatbelt(await findPython(), paths, program);
  await new Promise((resolve) => host.close(resolve));
  return { own, program, seatbelt };
}

describe.skipIf(process.platform === 'win32')('the sandbox of macOS', { timeout: 60_000 }, () => {
  test('is used where it holds on trial', async () => {
    const { own, program, seatbelt } = await tryIn(`echo '{"files": true, "network": true}'`);
    const profile = readFileSync(join(own, 'profile'), 'utf8');
    expect(seatbelt).toEqual({
      command: [program, '-p', profile],
      held: {
        files:
          'reads the files of Python and the system alone, and writes the folder of its executor alone (sandbox-exec, on trial)',
        network: 'has no network (sandbox-exec, on trial)',
      },
      missing: undefined,
    });
    expect(profile).toContain(`  (subpath "${folder}"))`);
    expect(profile).toContain(`(allow file-read* file-write* file-map-executable process-exec*\n  (subpath "${own}"))`);
    expect(profile).not.toContain('/nowhere');
  });

  test('isolation() tells what it holds, and what sessions share', () => {
    const missingLayers = Object.fromEntries(Object.keys(LAYERS).map((name) => [name, 'it takes Linux']));
    const report = (seatbelt: Seatbelt) =>
      reportIsolation({
        ...{ isolation: 'auto', network: 'none', limits: {}, inForce: {}, seen: {}, seatbelt },
        zygote: { ready: { missingLayers } } as Partial<Zygote> as Zygote,
      });
    const { level, layers } = report({ command: ['x'], held: { files: 'these', network: 'none' }, missing: undefined });
    expect([level, layers.files, layers.network, layers.sessions, layers.user]).toEqual([
      'partial',
      { state: 'on', detail: 'these' },
      { state: 'on', detail: 'none' },
      {
        state: 'unavailable',
        detail: 'they share what sandbox-exec allows: each can read and change what another has written',
      },
      { state: 'unavailable', detail: 'it takes Linux' },
    ]);
    const without = report({ command: [], held: {}, missing: 'it is gone' });
    expect([without.level, without.layers.files?.detail]).toEqual(['none', 'it takes Linux; it is gone']);
  });

  test('says nothing of a network that was left to the code', async () => {
    const { seatbelt } = await tryIn(`echo '{"files": true, "network": true}'`, true);
    expect(Object.keys(seatbelt.held)).toEqual(['files']);
  });

  test.each([
    ['holds nothing', 'exec "$@"', 'it did not hold on trial'],
    [
      'does not know the profile',
      'echo "sandbox-exec: unbound variable: x" >&2; exit 65',
      'sandbox-exec: unbound variable: x',
    ],
  ])('is not used where it %s', async (_what, script, reason) => {
    const { own, seatbelt } = await tryIn(script);
    expect(seatbelt).toEqual({ command: [], held: {}, missing: `sandbox-exec does not work here: ${reason}` });
    expect(readdirSync(own).sort()).toEqual(['profile', 'sandbox-exec']);
  });
});
