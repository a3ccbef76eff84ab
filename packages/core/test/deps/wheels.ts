import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPython } from '../../src/executors/subprocess/find-python.ts';

const PROGRAM = `
import json, sys, zipfile
folder, wheels = json.loads(sys.argv[1])
for name, version, files in wheels:
    info = f"{name}-{version}.dist-info"
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n"
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    files[f"{info}/RECORD"] = "".join(f"{path},,\\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
`;

export type Wheel = [name: string, version: string, files: Record<string, string>];

/** A folder of wheels, removed with `using`, and the installer's options that make it the only source of packages. */
export async function wheelFolder(wheels: Wheel[]): Promise<{ folder: string; extraArgs: string[] } & Disposable> {
  const folder = mkdtempSync(join(tmpdir(), 'code-mode-wheels-'));
  execFileSync(await findPython(), ['-I', '-c', PROGRAM, JSON.stringify([folder, wheels])]);
  return {
    folder,
    extraArgs: ['--no-index', '--find-links', folder],
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
