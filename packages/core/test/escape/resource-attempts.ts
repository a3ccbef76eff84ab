import { attempts } from './attempt.ts';

/** What the limits of a kernel are for these: small, so that what goes beyond is small, too. */
export const RESOURCE_LIMITS = {
  memoryBytes: 512 * 1024 * 1024,
  fileBytes: 16 * 1024 * 1024,
  openFiles: 128,
  processes: 32,
  cpuSeconds: 1,
};

const FORK_BOMB = `
children = []
try:
    for _ in range(64):
        pid = os.fork()
        if not pid:
            signal.pause()
        children.append(pid)
    return True
finally:
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)`;

const THREAD_BOMB = `
import threading
end = threading.Event()
try:
    for _ in range(64): threading.Thread(target=end.wait).start()
    return True
finally:
    end.set()`;

const SPIN = `
pid = os.fork()
if not pid:
    while time.process_time() < 2: pass
    os._exit(0)
if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGXCPU: raise OSError(errno.ETIME, "spin")
return True`;

/** More of the machine than a session may have. */
export const resourceAttempts = attempts([
  ['R01', 'more memory', 'limits', 'MemoryError', 'return len(bytearray(600 << 20)) > 0'],
  [
    'R02',
    'more memory by a mapping',
    'limits',
    'ENOMEM',
    'mmap.mmap(-1, 600 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()\nreturn True',
  ],
  ['R03', 'a text of a gigabyte', 'limits', 'MemoryError', 'return len("x" * (1 << 30)) > 0'],
  ['R04', 'processes without end', 'limits', 'EAGAIN', FORK_BOMB],
  ['R05', 'threads without end', 'limits', 'RuntimeError', THREAD_BOMB],
  [
    'R06',
    'descriptors without end',
    'limits',
    'EMFILE',
    'held = []\ntry:\n    for _ in range(200): held.append(os.dup(0))\n    return True\nfinally:\n    for number in held: os.close(number)',
  ],
  [
    'R07',
    'pipes without end, which hold memory of the system',
    'limits',
    'EMFILE',
    'held = []\ntry:\n    for _ in range(100): held.extend(os.pipe())\n    return True\nfinally:\n    for number in held: os.close(number)',
  ],
  [
    'R08',
    'sockets without end',
    'limits',
    'EMFILE',
    'held = []\nfor _ in range(100): held.append(socket.socketpair())\nreturn True',
  ],
  [
    'R09',
    'a large file',
    'limits',
    'EFBIG',
    'with open("large", "wb") as file:\n    for _ in range(17): file.write(bytes(1 << 20))\n    file.flush()\nreturn True',
  ],
  [
    'R10',
    'a file that says it is large',
    'limits',
    'EFBIG',
    'with open("sparse", "wb") as file: file.truncate(1 << 34)\nreturn True',
  ],
  [
    'R11',
    'a file in memory that no limit of memory counts',
    'limits',
    'EFBIG',
    'file = os.memfd_create("large")\nos.ftruncate(file, 600 << 20)\nreturn True',
  ],
  ['R12', 'compute without end in another process', 'limits', 'ETIME', SPIN],
  [
    'R13',
    'lift a limit',
    'limits',
    'ValueError',
    'resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\nreturn True',
  ],
  [
    'R14',
    'fill the disk',
    'files',
    'ENOSPC',
    'with open("large", "wb") as file:\n    if libc.fallocate(file.fileno(), 0, ctypes.c_long(0), ctypes.c_long(2 << 30)): raise OSError(ctypes.get_errno(), "fallocate")\nos.unlink("large")\nreturn True',
  ],
  [
    'R15',
    'fill the disk with empty files',
    'files',
    'nothing',
    'most = os.statvfs(".").f_files\nreturn most == 0 or most > 100_000',
  ],
  [
    'R16',
    'fill the shared memory of the machine',
    'files',
    'ENOSPC',
    'with open("/dev/shm/cm-large", "wb") as file:\n    os.unlink("/dev/shm/cm-large")\n    if os.fstatvfs(file.fileno()).f_blocks * os.fstatvfs(file.fileno()).f_frsize > 1 << 30: return True\n    raise OSError(errno.ENOSPC, "as large as the private folder")',
  ],
]);
