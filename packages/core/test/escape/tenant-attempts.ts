import { attempts } from './attempt.ts';

/** What its process is called, so that the host finds it. */
export function neighbourName(secret: string): string {
  return `cm-n-${secret.slice(0, 8)}`;
}

/** What the neighbour does before; its last expression is what attempts know of it. */
export function neighbourProgram(secret: string): string {
  return `
import contextlib, ctypes, os, socket
secret = "${secret}"
ctypes.CDLL(None).prctl(15, b"${neighbourName(secret)}", 0, 0, 0)
in_memory = ctypes.create_string_buffer(secret.encode())
for path in ("secret.txt", f"/tmp/cm-{secret}", f"/dev/shm/cm-{secret}"):
    # Some sandboxes leave it its own folder alone.
    with contextlib.suppress(PermissionError), open(path, "w") as file: file.write(secret)
held = os.open("secret.txt", os.O_RDONLY)
by_path, by_name = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
by_path.bind("socket"); by_path.listen()
by_name.bind("\\0cm-neighbour-" + secret); by_name.listen()
{"secret": secret, "address": ctypes.addressof(in_memory), "folder": os.getcwd(), "descriptor": held, "pid": os.getpid()}
`;
}

/** For the end of a neighbour that shares its folders with the machine. */
export const NEIGHBOUR_END = `
for path in (f"/tmp/cm-{secret}", f"/dev/shm/cm-{secret}"):
    with contextlib.suppress(FileNotFoundError): os.unlink(path)
secret`;

const more = { neighbour: true } as const;
const asRoot = { neighbour: true, root: true } as const;

/** Another session of the same executor, which has a secret. */
export const tenantAttempts = attempts([
  [
    'T01',
    "a file in a neighbour's folder",
    'files',
    'ENOENT',
    'return neighbour.secret in open(neighbour.folder + "/secret.txt").read()',
    more,
  ],
  [
    'T02',
    "a neighbour's temporary file",
    'files',
    'ENOENT',
    'return neighbour.secret in open(f"/tmp/cm-{neighbour.secret}").read()',
    more,
  ],
  [
    'T03',
    "a neighbour's shared memory",
    'files',
    'ENOENT',
    'return neighbour.secret in open(f"/dev/shm/cm-{neighbour.secret}").read()',
    more,
  ],
  [
    'T04',
    "a neighbour's memory as a file",
    'namespaces',
    'ENOENT',
    'with open(f"/proc/{neighbour.pid}/mem", "rb") as file:\n    file.seek(neighbour.address)\n    return file.read(36) == neighbour.secret.encode()',
    asRoot,
  ],
  [
    'T05',
    "a neighbour's memory by the system call",
    'seccomp',
    'EPERM',
    'found = ctypes.create_string_buffer(36)\nhere = struct.pack("QQ", ctypes.addressof(found), 36)\nthere = struct.pack("QQ", neighbour.address, 36)\ncall({"x86_64": 310, "aarch64": 270}[os.uname().machine], neighbour.pid, here, 1, there, 1, 0)\nreturn found.raw == neighbour.secret.encode()',
    asRoot,
  ],
  [
    'T06',
    'a file that a neighbour holds open',
    'namespaces',
    'ENOENT',
    'return neighbour.secret.encode() in read(f"/proc/{neighbour.pid}/fd/{neighbour.descriptor}")',
    asRoot,
  ],
  [
    'T07',
    "take a neighbour's descriptor",
    'seccomp',
    'EPERM',
    'taken = call(438, call(434, neighbour.pid, 0), neighbour.descriptor, 0)\nreturn os.pread(taken, 36, 0) == neighbour.secret.encode()',
    asRoot,
  ],
  [
    'T08',
    "a neighbour's root",
    'namespaces',
    'ENOENT',
    'return neighbour.secret.encode() in read(f"/proc/{neighbour.pid}/root{neighbour.folder}/secret.txt")',
    asRoot,
  ],
  [
    'T09',
    "a neighbour's working folder",
    'namespaces',
    'ENOENT',
    'return neighbour.secret.encode() in read(f"/proc/{neighbour.pid}/cwd/secret.txt")',
    asRoot,
  ],
  [
    'T10',
    "a neighbour's socket in its folder",
    'files',
    'ENOENT',
    'socket.socket(socket.AF_UNIX).connect(neighbour.folder + "/socket")\nreturn True',
    more,
  ],
  [
    'T11',
    "a neighbour's abstract socket",
    'namespaces',
    'ECONNREFUSED',
    'socket.socket(socket.AF_UNIX).connect("\\0cm-neighbour-" + neighbour.secret)\nreturn True',
    more,
  ],
  ['T12', 'signal a neighbour', 'namespaces', 'ESRCH', 'os.kill(neighbour.pid, signal.SIGWINCH)\nreturn True', more],
  [
    'T13',
    'limit a neighbour',
    'namespaces',
    'ESRCH',
    'resource.prlimit(neighbour.pid, resource.RLIMIT_CORE)\nreturn True',
    asRoot,
  ],
  [
    'T14',
    'trace a neighbour',
    'seccomp',
    'EPERM',
    'libc.ptrace.restype = ctypes.c_long\nif libc.ptrace(0x4206, neighbour.pid, None, None) < 0: raise OSError(ctypes.get_errno(), "seize")\nreturn True',
    asRoot,
  ],
  [
    'T15',
    "a neighbour's mounts",
    'namespaces',
    'ENOENT',
    'return len(read(f"/proc/{neighbour.pid}/mountinfo")) > 0',
    asRoot,
  ],
]);
