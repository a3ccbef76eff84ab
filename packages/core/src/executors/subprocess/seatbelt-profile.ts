/** Absolute paths without symbolic links in them: the system compares them so. */
export interface SeatbeltPaths {
  /** Files and folders, beside the system's, that may be read and run. */
  readable: string[];
  /** Folders that may be written. */
  writable: string[];
  /** The host's socket. */
  socket: string;
  /** Whether the network stays. */
  network: boolean;
}

/** Programs and libraries of macOS, and of those who install more. */
const SYSTEM = [
  ...['/usr', '/bin', '/sbin', '/System', '/Library/Frameworks', '/Library/Developer/CommandLineTools'],
  ...['Cellar', 'bin', 'lib', 'opt'].map((name) => `/opt/homebrew/${name}`),
  ...['/private/etc/ssl', '/private/etc/hosts', '/private/etc/localtime', '/private/var/db/timezone'],
];
/** Where people put applications, with their data and secrets. */
const HIDDEN = ['/usr/local/etc', '/usr/local/src', '/usr/local/var'];

/** What kernels may do on macOS, in the language of `sandbox-exec`; of rules that fit, the last one counts. */
export function seatbeltProfile({ readable, writable, socket, network }: SeatbeltPaths): string {
  const read = [...SYSTEM, ...readable].map(subpath);
  const write = writable.map(subpath);
  const reached = network
    ? ['(allow network*)', '(allow system-socket)']
    : [
        '(deny network*)',
        '(allow system-socket (socket-domain AF_UNIX))',
        `(allow network-outbound (remote unix-socket (path-literal ${quote(socket)})))`,
      ];
  return [
    '(version 1)',
    '(deny default)',
    // What every program of this system needs to start.
    '(import "system.sb")',
    '(allow process-fork)',
    '(allow process-info* signal (target same-sandbox))',
    '(allow sysctl-read)',
    '(allow ipc-posix-sem* ipc-posix-shm*)',
    '(allow file-read-metadata)',
    rule('allow file-read* file-map-executable process-exec*', read),
    rule('deny file-read*', HIDDEN.map(subpath)),
    rule('allow file-read* file-write* file-map-executable process-exec*', write),
    `(deny file-write* (literal ${quote(socket)}))`,
    ...reached,
    '',
  ].join('\n');
}

function rule(what: string, paths: string[]): string {
  return `(${[what, ...paths].join('\n  ')})`;
}

function subpath(path: string): string {
  return `(subpath ${quote(path)})`;
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
