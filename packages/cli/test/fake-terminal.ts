import { PassThrough, Writable } from 'node:stream';
import { Terminal } from '../src/terminal/terminal.ts';

/** A terminal whose screen is a text, or a pair of pipes. */
export function fakeTerminal({ isTTY = true } = {}) {
  const written = { stdout: '', stderr: '', screen: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    Object.assign(
      new Writable({
        write: (chunk: Buffer, _, done) => {
          written[name] += chunk;
          written.screen += chunk;
          done();
        },
      }),
      { isTTY },
    ) as unknown as NodeJS.WriteStream;
  const stdin = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.ReadStream;
  const terminal = new Terminal({ stdin, stdout: stream('stdout'), stderr: stream('stderr'), env: {} });
  return { terminal, written };
}
