import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Outcome, Peer, PeerSession } from '../peer.ts';
import { programsFrom } from '../programs.ts';
import { findPython } from '../python.ts';

const run = promisify(execFile);
const driver = fileURLToPath(new URL('./ipykernel_driver.py', import.meta.url));
const environment = fileURLToPath(new URL('../.cache/ipykernel', import.meta.url));
const python = join(environment, 'bin', 'python');

const QUIET_PIP = ['--quiet', '--disable-pip-version-check', '--no-input', '--retries', '1', '--timeout', '10'];

/** Python in a Jupyter kernel. The host is a Python process with jupyter_client, which times itself. */
export class IpykernelPeer implements Peer {
  readonly name = 'ipykernel';
  readonly label = 'ipykernel';
  readonly memorySessions = 2;
  readonly notMeasured = {
    gather: 'a call is input(), which blocks the kernel: 100 calls of 100 ms take 10 s one after the other',
    many: '500 kernels need some 20 GB, and minutes to start',
  };
  readonly programs = programsFrom({
    onePlusOne: '1+1',
    calls: (count) => `for i in range(${count}):\n    result = call("echo", value=i)\nresult`,
    gathered: () => '',
    largeIn: 'len(call("text"))',
    largeOut: (chars) => `"a" * ${chars}`,
    remember: (value) => `x = ${value}`,
    recall: 'x',
  });

  #driver: Driver | undefined;
  #version = 'ipykernel';

  async install(report: (text: string) => void): Promise<void> {
    this.#version = await installedVersion().catch(async () => {
      report('installing ipykernel and jupyter_client into bench/kernel/.cache (once) …');
      await installPackages();
      return installedVersion();
    });
  }

  async load(): Promise<void> {
    this.#driver = new Driver();
    await this.#driver.ask({ do: 'ping' });
  }

  async version(): Promise<string> {
    return this.#version;
  }

  async open(): Promise<PeerSession> {
    if (!this.#driver) throw new Error('load() comes before open().');
    return IpykernelSession.open(this.#driver);
  }

  async close(): Promise<void> {
    await this.#driver?.close();
    this.#driver = undefined;
  }
}

class IpykernelSession implements PeerSession {
  static #count = 0;
  readonly openMs: number;
  readonly #driver: Driver;
  readonly #id: number;

  static async open(driver: Driver): Promise<IpykernelSession> {
    const id = ++IpykernelSession.#count;
    const { ms = 0 } = await driver.ask({ do: 'open', session: id });
    return new IpykernelSession(driver, id, ms);
  }

  constructor(driver: Driver, id: number, openMs: number) {
    this.#driver = driver;
    this.#id = id;
    this.openMs = openMs;
  }

  run(code: string): Promise<Outcome> {
    return this.#driver.ask({ do: 'run', session: this.#id, code });
  }

  async close(): Promise<void> {
    await this.#driver.ask({ do: 'close', session: this.#id });
  }
}

interface Request {
  do: 'ping' | 'open' | 'run' | 'close';
  session?: number;
  code?: string;
}

type Answer = Outcome & { error?: string };

/** The Python host: one request at a time, answers in order. Its end is the end of its stdin. */
class Driver {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  #errors = '';

  constructor() {
    // Jupyter's own files stay in the cache folder.
    const env = {
      ...process.env,
      IPYTHONDIR: join(environment, 'ipython'),
      JUPYTER_DATA_DIR: join(environment, 'jupyter'),
    };
    const child = spawn(python, [driver], { stdio: ['pipe', 'pipe', 'pipe'], env });
    this.#child = child;
    child.stdin.on('error', () => {});
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer: Answer = JSON.parse(line);
      const waiting = this.#waiting.shift();
      if (answer.error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(answer.error));
    });
    child.on('close', () => {
      for (const { reject } of this.#waiting.splice(0))
        reject(new Error(`The ipykernel driver ended: ${this.#errors}`));
    });
  }

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    });
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }
}

/** Fails when the environment is missing or half made. */
async function installedVersion(): Promise<string> {
  const code =
    'from importlib.metadata import version as v; import platform, ipykernel, jupyter_client;' +
    "print(f'Python {platform.python_version()}, ipykernel', v('ipykernel'), 'over jupyter_client', v('jupyter_client'))";
  return (await run(python, ['-c', code])).stdout.trim();
}

async function installPackages(): Promise<void> {
  const base = await findPython();
  try {
    await run(base.path, ['-m', 'venv', '--clear', environment]);
    const packages = ['ipykernel>=7,<8', 'jupyter_client>=8,<9'];
    await run(python, ['-m', 'pip', 'install', ...QUIET_PIP, ...packages], { timeout: 120_000 });
  } catch (error) {
    rmSync(environment, { recursive: true, force: true });
    throw new Error(`pip could not install it: ${lastLine(error)}`, { cause: error });
  }
}

function lastLine(error: unknown): string {
  const { stderr = '', message = '' } = error as { stderr?: string; message?: string };
  return (stderr || message).trim().split('\n').at(-1) ?? 'unknown error';
}
