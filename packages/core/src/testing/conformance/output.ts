import { expect, test } from 'vitest';
import { PIXEL } from '../sample-tools.ts';
import { type ConformanceContext, completed } from './context.ts';

/** Item 19 of the behaviour list, and everything else that code can write to. */
export function outputCases({ run, fresh }: ConformanceContext): void {
  test('19: stdout and stderr apart, and in order', async () => {
    const result = await run(
      'import sys\nprint("a")\nprint("b", file=sys.stderr)\nprint("c", end="")\nsys.stderr.write("d")\nprint("e")',
    );
    expect([result.stdout, result.stderr]).toEqual(['a\nce\n', 'b\nd']);
    expect(result.output).toEqual([
      { stream: 'stdout', text: 'a\n' },
      { stream: 'stderr', text: 'b\n' },
      { stream: 'stdout', text: 'c' },
      { stream: 'stderr', text: 'd' },
      { stream: 'stdout', text: 'e\n' },
    ]);
  });

  test('os.write, in order with print', async () => {
    const result = await run(
      'import os\nprint("a")\nn = os.write(1, b"b\\n")\nprint("c")\nn = os.write(2, b"d\\n")\nprint("e")',
    );
    expect(result.output.map(({ stream, text }) => `${stream}: ${text}`)).toEqual([
      'stdout: a\nb\nc\n',
      'stderr: d\n',
      'stdout: e\n',
    ]);
  });

  test('sys.stdout.buffer, in order with print', async () => {
    const result = await run('import sys\nprint("a")\nn = sys.stdout.buffer.write("é\\n".encode())\nprint("c")');
    expect(result.stdout).toBe('a\né\nc\n');
  });

  test('bytes that are no UTF-8 are replaced', async () => {
    expect((await run('import os\nn = os.write(1, b"a\\xffb\\n")')).stdout).toBe('a\ufffdb\n');
  });

  test('a subprocess', async () => {
    const code =
      'import subprocess, sys\nprint("a")\nr = subprocess.run([sys.executable, "-c", "print(chr(98))"])\nprint("c", r.returncode)';
    const result = await run(code);
    expect(result.stdout).toBe('a\nb\nc 0\n');
  });

  test('a shell, stderr too', async () => {
    const result = await run('import os\ncode = os.system("echo out; echo err >&2")\ncode');
    expect([completed(result), result.stdout, result.stderr]).toEqual([0, 'out\n', 'err\n']);
  });

  test('C code', async () => {
    const result = await run('import ctypes\nlibc = ctypes.CDLL(None)\nn = libc.printf(b"from C %d\\n", 7)\nn');
    expect([completed(result), result.stdout]).toEqual([9, 'from C 7\n']);
  });

  test('half a line at the end of the run', async () => {
    expect((await run('print("no newline", end="")')).stdout).toBe('no newline');
  });

  test('output comes while the run goes on', async () => {
    const session = fresh({
      onEvent: (event) => {
        if (event.type === 'output') seen.push(event.text);
      },
    });
    const seen: string[] = [];
    const run_ = session.run('print("now")\ntools.slow(ms=300)\nprint("later")');
    await expect.poll(() => seen, { timeout: 5_000 }).toEqual(['now\n']);
    await run_;
    expect(seen).toEqual(['now\n', 'later\n']);
  });

  test('display()', async () => {
    const result = await run(
      'class Rich:\n    def _repr_html_(self): return "<b>rich</b>"\ndisplay(Rich())\ndisplay("text")\n1',
    );
    expect(completed(result)).toBe(1);
    expect(result.displays.map(({ data }) => [data['text/html'], data['text/plain']])).toEqual([
      ['<b>rich</b>', expect.stringMatching(/^<__main__\.Rich object at 0x[0-9a-f]+>$/)],
      [undefined, "'text'"],
    ]);
  });

  test('an image as the result', async () => {
    const code = `import base64\nclass Pixel:\n    def _repr_png_(self): return base64.b64decode("${PIXEL}")\nPixel()`;
    const result = await run(code);
    expect(result.displays.map(({ data, isResult }) => [data['image/png'], isResult])).toEqual([[PIXEL, true]]);
  });

  test('more than is kept: the beginning, the end, and a line between that says so', async () => {
    const session = fresh({ limits: { outputBytes: 4_000 } });
    const result = await session.run('for n in range(10_000): print(n)');
    expect(result.stdout.startsWith('0\n1\n2\n')).toBe(true);
    expect(result.stdout.endsWith('9998\n9999\n')).toBe(true);
    const [note, bytes] =
      /\n\[([\d,]+) bytes of stdout left out here: all of it is in an artifact; read on with artifacts\.read\("runs\/[^"]+\/output\.txt", 3000, 13000\)\.\]\n/.exec(
        result.stdout,
      ) ?? [];
    const all = Array.from({ length: 10_000 }, (_, n) => `${n}\n`).join('').length;
    expect(result.stdout.length - (note?.length ?? 0) + Number(bytes?.replaceAll(',', ''))).toBe(all);
    expect(result.stdout.length).toBeLessThan(4_200);
  });

  test('more than is kept, beyond ASCII', async () => {
    const session = fresh({ limits: { outputBytes: 4_000 } });
    const result = await session.run('for n in range(2_000): print("é" * 20)\nprint("end")');
    expect(completed(result)).toBe(undefined);
    expect(result.stdout.endsWith('é\nend\n')).toBe(true);
    expect(Buffer.byteLength(result.stdout)).toBeLessThan(4_200);
  });

  test('a replaced sys.stdout lasts for its own run only as long as the code wants', async () => {
    const result = await run(
      'import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as f:\n    print("caught")\nf.getvalue()',
    );
    expect([completed(result), result.stdout]).toEqual(['caught\n', '']);
    expect((await run('print("back")')).stdout).toBe('back\n');
  });
}
