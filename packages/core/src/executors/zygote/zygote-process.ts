import type { CodeModeError } from '../../errors.ts';

/** Starts the Python process that is to be a zygote, and hands it its options. */
export type StartZygote = (address: { socket: string; secret: string }) => ZygoteProcess | Promise<ZygoteProcess>;

/** The process of a zygote, wherever it runs. It does not keep Node alive. */
export interface ZygoteProcess {
  /** Resolves when it is gone, also when it never was there. */
  readonly exited: Promise<void>;
  /** Why it did not become a zygote; `what` when it is there still. */
  failure(what?: string): Promise<CodeModeError>;
  /** Ends it by force. */
  kill(): void;
  /** Ends the process group of a kernel, where its id means something to this process. */
  killGroup?(pid: number): void;
}

/** The first line that a zygote reads from its standard input. */
export interface ZygoteOptions {
  role: 'zygote';
  socket: string;
  secret: string;
  /** The folder of the environment's packages. */
  sitePackages: string | null;
  preload: string[];
  startMethod: 'auto' | 'fork' | 'spawn';
  /** What kernels may reach beyond Python; null leaves them unconfined. */
  sandbox: ZygoteSandbox | null;
  /** A folder of its own. @defaultValue the socket's */
  folder?: string;
}

export interface ZygoteSandbox {
  network: boolean;
  /** Whether kernels may reach what the host allows, by its proxy. @defaultValue false */
  listed?: boolean;
  readable: string[];
  writable: string[];
  /** Why kernels cannot have namespaces of their own, where that is known. */
  withoutNests?: string;
  /** The system's bwrap, for where the zygote may make no namespaces; null where there is none. */
  bwrap?: string | null;
  /** What a kernel may write into its private folder, in bytes. @defaultValue 1 GiB */
  privateBytes?: number;
  /** What the host is, where the zygote is held in already: that, too, holds the kernels. */
  outside?: HostFacts;
}

/** What tells a process whether it is still where the host is. */
export interface HostFacts {
  user: number;
  /** By name, as `/proc/self/ns` spells them. */
  namespaces: Record<string, string>;
  /** Device and inode of the root folder. */
  root: [device: number, inode: number];
}
