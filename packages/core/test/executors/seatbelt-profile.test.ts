import { expect, test } from 'vitest';
import { type SeatbeltPaths, seatbeltProfile } from '../../src/executors/subprocess/seatbelt-profile.ts';

const paths: SeatbeltPaths = {
  readable: ['/Users/me/venv'],
  writable: ['/private/var/folders/x/code-mode-1'],
  socket: '/private/var/folders/x/code-mode-1/socket',
  network: false,
};

test('everything is denied but what Python needs', () => {
  expect(seatbeltProfile(paths)).toBe(`(version 1)
(deny default)
(import "system.sb")
(allow process-fork)
(allow process-info* signal (target same-sandbox))
(allow sysctl-read)
(allow ipc-posix-sem* ipc-posix-shm*)
(allow file-read-metadata)
(allow file-read* file-map-executable process-exec*
  (subpath "/usr")
  (subpath "/bin")
  (subpath "/sbin")
  (subpath "/System")
  (subpath "/Library/Frameworks")
  (subpath "/Library/Developer/CommandLineTools")
  (subpath "/opt/homebrew/Cellar")
  (subpath "/opt/homebrew/bin")
  (subpath "/opt/homebrew/lib")
  (subpath "/opt/homebrew/opt")
  (subpath "/private/etc/ssl")
  (subpath "/private/etc/hosts")
  (subpath "/private/etc/localtime")
  (subpath "/private/var/db/timezone")
  (subpath "/Users/me/venv"))
(deny file-read*
  (subpath "/usr/local/etc")
  (subpath "/usr/local/src")
  (subpath "/usr/local/var"))
(allow file-read* file-write* file-map-executable process-exec*
  (subpath "/private/var/folders/x/code-mode-1"))
(deny file-write* (literal "/private/var/folders/x/code-mode-1/socket"))
(deny network*)
(allow system-socket (socket-domain AF_UNIX))
(allow network-outbound (remote unix-socket (path-literal "/private/var/folders/x/code-mode-1/socket")))
`);
});

test('the network, when it is left to the code', () => {
  const profile = seatbeltProfile({ ...paths, network: true });
  expect(profile).toContain('\n(allow network*)\n(allow system-socket)\n');
  expect(profile).not.toContain('(deny network*)');
});

test('a path is no part of the language, whatever is in it', () => {
  const readable = ['/a")) (allow default) ("', '/b\\'];
  const profile = seatbeltProfile({ ...paths, readable });
  expect(profile).toContain('  (subpath "/a\\")) (allow default) (\\"")\n  (subpath "/b\\\\"))\n');
});
