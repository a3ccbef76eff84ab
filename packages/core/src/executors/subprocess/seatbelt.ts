import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type SeatbeltPaths, seatbeltProfile } from './seatbelt-profile.ts';

const TRIAL_MS = 30_000;
/** What a Python reads of its own. */
const PATHS = `
import json, os, sys
print(json.dumps([sys.base_prefix, sys.prefix, sys.exec_prefix, sys.executable, *filter(os.path.exists, sys.path)]))
`;
/** Does what a zygote must, then says which layers hold it: it reaches for a file elsewhere, and for the network. */
const TRIAL = `
import json, os, socket, subprocess, sys
outside, own, host = sys.argv[1:]
def is_refused(act):
    try:
        act()
    except PermissionError:
        return True
    except OSError:
        pass
    return False
with open(own, "w"), socket.socket(socket.AF_UNIX) as connection:
    connection.connect(host)
    os.unlink(own)
subprocess.run([sys.executable, "-I", "-c", ""], check=True)
files = is_refused(lambda: open(outside).close()) and is_refused(lambda: open(outside, "a").close())
print(json.dumps({"files": files, "network": is_refused(lambda: socket.create_connection(("127.0.0.1", 9), 1))}))
`;
const SEEN = {
  files: 'reads the files of Python and the system alone, and writes the folder of its executor alone',
  network: 'has no network',
};

/** What the sandbox of macOS does for a zygote and its kernels. */
export interface Seatbelt {
  /** What stands before the command that starts Python; nothing where nothing would hold. */
  command: string[];
  /** The layers that held a Python on trial, each with what it keeps the code from. */
  held: { files?: string; network?: string };
  /** Why it does not hold; undefined when it does. */
  missing: string | undefined;
}

/** Tries a Python in the sandbox of macOS: its profile language is the system's own, and no promise of it. */
export async function trySeatbelt(
  python: string,
  { readable, writable, socket, network }: SeatbeltPaths,
  program = '/usr/bin/sandbox-exec',
): Promise<Seatbelt> {
  const folder = await mkdtemp(join(tmpdir(), 'cm-seatbelt-'));
  try {
    await access(program, constants.X_OK);
    const paths = JSON.parse(await output(python, ['-I', '-c', PATHS])) as string[];
    const own = await realpath(dirname(socket));
    const profile = seatbeltProfile({
      readable: await withoutLinks([...paths, ...readable]),
      writable: [own, ...(await withoutLinks(writable))],
      socket: await realpath(socket),
      network,
    });
    const outside = join(folder, 'outside');
    await writeFile(outside, '');
    const command = [program, '-p', profile];
    const trial = ['-I', '-c', TRIAL, outside, join(own, 'trial'), socket];
    const said = await output(program, [...command.slice(1), python, ...trial]);
    const { files, network: isCut } = JSON.parse(said) as { files: boolean; network: boolean };
    const held = {
      ...(files && { files: `${SEEN.files} (sandbox-exec, on trial)` }),
      ...(isCut && !network && { network: `${SEEN.network} (sandbox-exec, on trial)` }),
    };
    return files ? { command, held, missing: undefined } : without('it did not hold on trial');
  } catch (error) {
    return without(reasonOf(error));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function without(reason: string): Seatbelt {
  return { command: [], held: {}, missing: `sandbox-exec does not work here: ${reason}` };
}

async function output(file: string, args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { cwd: '/', env: {}, timeout: TRIAL_MS });
  return stdout;
}

async function withoutLinks(paths: string[]): Promise<string[]> {
  const real = await Promise.all(paths.map((path) => realpath(path).catch(() => undefined)));
  return [...new Set(real.filter((path) => path !== undefined && path !== '/'))] as string[];
}

function reasonOf(error: unknown): string {
  const { message, stderr } = error as Error & { stderr?: string };
  return (stderr?.trim() || message).split('\n').at(-1) as string;
}
