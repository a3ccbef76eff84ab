// Run by `isolation.test.ts` under circumstances that its own process cannot have: tells how isolated kernels are here.
import { findPython } from '../../src/executors/subprocess/find-python.ts';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';

const code = `
import os, socket
try: socket.socket(); network = "open"
except OSError as error: network = error.strerror
try: os.listdir("/"); root = "open"
except OSError as error: root = error.strerror
try: open(f"/proc/{os.getppid()}/mem", "rb"); zygote = "open"
except OSError as error: zygote = error.strerror
try: socket.socket(socket.AF_UNIX); unix = "open"
except OSError as error: unix = error.strerror
open("file", "w").write("x")
[os.getuid(), network, root, os.listdir(), zygote, unix]
`;

const python = await findPython();
// What is forbidden here the system's bwrap may do, so it is found only by those who tell where it is.
process.env.PATH = process.argv[2] ?? '';
await using executor = new SubprocessExecutor({ python });
const { level, layers } = await executor.isolation();
await using session = new Session({ executor });
const result = await session.run(code);
await using strict = new SubprocessExecutor({ python, isolation: 'required' });
await using listed = new SubprocessExecutor({ python, network: { allow: [] } });
const [refusal, listedRefusal] = await Promise.all(
  [strict, listed].map((one) =>
    one.open().then(
      (kernel) => kernel.close(),
      (error: Error & { code: string }) => `${error.code}: ${error.message}`,
    ),
  ),
);
const seen = result.status === 'completed' ? result.result : result;
console.log(JSON.stringify({ level, layers, result: seen, refusal, listedRefusal }));
