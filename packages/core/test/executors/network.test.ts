import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SubprocessExecutor, type SubprocessExecutorOptions } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';

/** A service that may be reached, and one that may not. */
const web = createHttpServer((request, response) => {
  response.end(`${request.method} ${request.url} for ${request.headers.host?.replace(/\d+$/, 'WEB')}`);
});
let touches = 0;
const canary = createServer((socket) => {
  touches++;
  socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nlanded');
});
let ports: { web: number; canary: number };
let listed: SubprocessExecutor;
let open: SubprocessExecutor;

beforeAll(async () => {
  for (const server of [web, canary]) await once(server.listen(0, '127.0.0.1'), 'listening');
  ports = { web: (web.address() as AddressInfo).port, canary: (canary.address() as AddressInfo).port };
  listed = executor({ network: { allow: [`localhost:${ports.web}`] } });
  open = executor({ network: { allow: [`localhost:${ports.web}`, `localhost:${ports.canary}`, '[::1]:9'] } });
});

afterAll(async () => {
  await Promise.all([listed?.close(), open?.close()]);
  web.close();
  canary.close();
});

function executor(options: SubprocessExecutorOptions): SubprocessExecutor {
  return new SubprocessExecutor({ isolation: 'required', ...options });
}

const HELPERS = `
import http.client, os, signal, socket, urllib.request

def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()

def proxy():
    return socket.create_connection(("127.0.0.1", int(os.environ["HTTPS_PROXY"].rpartition(":")[2])), 60)

def exchange(request):
    with proxy() as c:
        c.sendall(request.encode())
        return c.makefile().read()
`;

/** The value of a program that knows the ports as \`web\` and \`canary\`. */
async function evaluate(code: string, where = listed): Promise<unknown> {
  await using session = new Session({ executor: where });
  const result = await session.run(`${HELPERS}\nweb, canary = ${ports.web}, ${ports.canary}\n${code}`);
  return result.status === 'completed' ? result.result : result.status === 'failed' ? result.error.message : result;
}

describe.skipIf(process.platform !== 'linux')('network: { allow }', { timeout: 60_000 }, () => {
  test('a program that knows nothing of it reaches what is named', async () => {
    expect(await evaluate('get(f"http://localhost:{web}/a?b=c")')).toBe('GET /a?b=c for localhost:WEB');
  });

  test('also from a thread, from a program that it starts, and where kernels are spawned', async () => {
    const code = `
import subprocess, sys
from concurrent.futures import ThreadPoolExecutor
url = f"http://localhost:{web}/"
with ThreadPoolExecutor(8) as pool: answers = set(pool.map(get, [url] * 32))
program = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode(), end='')"
[*answers, subprocess.check_output([sys.executable, "-c", program, url], text=True)]`;
    const answers = ['GET / for localhost:WEB', 'GET / for localhost:WEB'];
    expect(await evaluate(code)).toEqual(answers);
    await using spawned = executor({ network: { allow: [`localhost:${ports.web}`] }, startMethod: 'spawn' });
    expect(await evaluate(code, spawned)).toEqual(answers);
  });

  test('bytes go through as they are, in both directions', async () => {
    const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    await once(echo.listen(0, '127.0.0.1'), 'listening');
    const port = (echo.address() as AddressInfo).port;
    await using there = executor({ network: { allow: [`127.0.0.1:${port}`] } });
    const code = `
import hashlib, threading
c = proxy()
c.sendall(b"CONNECT 127.0.0.1:${port} HTTP/1.1\\r\\n\\r\\n")
file = c.makefile("rb")
head = file.readline() + file.readline()
data = os.urandom(5_000_000)
def send():
    c.sendall(data)
    c.shutdown(socket.SHUT_WR)
threading.Thread(target=send).start()
[head.decode(), file.read() == data]`;
    expect(await evaluate(code, there)).toEqual(['HTTP/1.1 200 Connection established\r\n\r\n', true]);
    echo.close();
  });

  test('what the executor lists of variables wins', async () => {
    await using own = executor({ network: { allow: [] }, env: { HTTPS_PROXY: 'mine' } });
    const code = 'sorted(name for name in os.environ if "proxy" in name.lower()), os.environ["HTTPS_PROXY"]';
    const names = ['ALL_PROXY', 'HTTPS_PROXY', 'HTTP_PROXY', 'all_proxy', 'http_proxy', 'https_proxy'];
    expect(await evaluate(code, own)).toEqual([names, 'mine']);
  });

  test('isolation() tells it', async () => {
    const { level, layers } = await open.isolation();
    expect([level, layers.network]).toEqual([
      'full',
      {
        state: 'on',
        detail: `reaches localhost:${ports.web}, localhost:${ports.canary}, [::1]:9 alone, through a proxy of the host (no way out of a network of its own)`,
      },
    ]);
  });

  test('options that do not fit', () => {
    expect(() => new SubprocessExecutor({ network: { allow: ['example.com'] } })).toThrow(
      'network.allow takes \'host:port\' with a name or an address, IPv6 in brackets, got "example.com".',
    );
    expect(() => new SubprocessExecutor({ network: {} as never })).toThrow(
      "SubprocessExecutor: network must be 'none', 'host' or { allow: ['host:port', …] }, got {}.",
    );
    expect(() => new SubprocessExecutor({ network: { allow: [] }, isolation: 'none' })).toThrow(
      "SubprocessExecutor: network.allow takes isolation: without it the code uses the host's network as it likes.",
    );
  });

  test('connections end with the session', async () => {
    const held = createServer();
    await once(held.listen(0, '127.0.0.1'), 'listening');
    const port = (held.address() as AddressInfo).port;
    await using there = executor({ network: { allow: [`127.0.0.1:${port}`] } });
    const session = new Session({ executor: there });
    const arrived = once(held, 'connection');
    await session.run(
      `${HELPERS}\nc = proxy()\nc.sendall(b"CONNECT 127.0.0.1:${port} HTTP/1.1\\r\\n\\r\\n")\nc.recv(10)`,
    );
    const [connection] = await arrived;
    connection.resume();
    const ended = once(connection, 'close');
    await session.close();
    await ended;
    held.close();
  });
});

describe.skipIf(process.platform !== 'linux')('attempts to reach more', { timeout: 60_000 }, () => {
  const refused = (what: string) => `HTTP Error 403: localhost:${what} is not in network.allow`;

  test.each<[string, string, string, ('host' | 'open')?]>([
    [
      'a socket to what is not named',
      'socket.create_connection(("127.0.0.1", canary)).recv(99)[-6:]',
      'EACCES',
      'host',
    ],
    ['a socket to what is named', 'socket.create_connection(("127.0.0.1", web)).getpeername()[0]', 'EACCES', 'host'],
    [
      'UDP to elsewhere',
      'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9))',
      'ENETUNREACH',
    ],
    ['a port to listen at', 'socket.create_server(("127.0.0.1", 0)).getsockname()[0]', 'EACCES', 'host'],
    ['raw IP', 'socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)', 'EPERM'],
    ['another port of a host', 'get(f"http://localhost:{canary}/")', 'CANARY', 'open'],
    ['a tunnel to another port', 'exchange(f"CONNECT localhost:{canary} HTTP/1.1\\r\\n\\r\\n")[9:12]', '403'],
    [
      'a tunnel with a Host header for what is named',
      'exchange(f"CONNECT localhost:{canary} HTTP/1.1\\r\\nHost: localhost:{web}\\r\\n\\r\\n")[9:12]',
      '400',
    ],
    [
      'a URL for another one than the Host header names',
      'exchange(f"GET http://localhost:{canary}/ HTTP/1.1\\r\\nHost: localhost:{web}\\r\\n\\r\\n")[9:12]',
      '400',
    ],
    [
      'a second request in a line of the first',
      'exchange(f"GET http://localhost:{web}/ HTTP/1.1\\r\\nX: a\\nGET http://localhost:{canary}/ HTTP/1.1\\r\\n\\r\\n")[9:12]',
      '400',
    ],
    ['the process that relays, by a signal', 'os.kill(4, 9)', 'EPERM'],
    ['the memory of that process', 'open("/proc/4/mem", "rb")', 'ENOENT'],
  ])('%s', async (_title, code, expected, control) => {
    const attempt = `
import errno
try: seen = ${code}
except OSError as error: seen = errno.errorcode.get(error.errno, str(error)) if type(error).__module__ == "builtins" else str(error)
seen if isinstance(seen, (str, int)) else "landed"`;
    if (control) {
      await using host = executor({ network: 'host' });
      expect(await evaluate(attempt, control === 'open' ? open : host)).not.toMatch(/^E[A-Z]+$|^HTTP Error/);
    }
    touches = 0;
    const seen = await evaluate(attempt);
    if (expected === 'CANARY') expect(seen).toBe(refused(String(ports.canary)));
    else expect(seen).toBe(expected);
    expect([touches, await evaluate('get(f"http://localhost:{web}/")')]).toEqual([0, 'GET / for localhost:WEB']);
  });

  test('two executors do not have what the other has', async () => {
    const code = 'get(f"http://localhost:{canary}/")';
    expect(await evaluate(code, open)).toBe('landed');
    expect(await evaluate(code, listed)).toBe(refused(String(ports.canary)));
  });
});
