import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Tool } from '../../src/tool-sources/tool.ts';
import { validateArguments } from '../../src/tool-sources/validate-arguments.ts';
import { type FromYamlOptions, fromYaml } from '../../src/tool-sources/yaml/index.ts';

/** A folder with these files, for one test. */
export function yamlFolder(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tool-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

export interface LoadedFolder {
  names: string[];
  tool(name: string): Tool;
  /** Calls a tool as dispatch does: after validation. */
  call(name: string, input?: Record<string, unknown>, signal?: AbortSignal): Promise<unknown>;
  /** What was left out; the folder's path is not in it. */
  problems: { subject: string; message: string }[];
}

/** The tools of a folder with these files. */
export async function load(files: Record<string, string | Buffer>, options?: FromYamlOptions): Promise<LoadedFolder> {
  const folder = yamlFolder(files);
  const source = fromYaml(folder, options);
  const tools = new Map([...(await source.tools())].map((tool) => [tool.name, tool]));
  const tool = (name: string): Tool => {
    const found = tools.get(name);
    if (found === undefined) throw new Error(`There is no tool ${name}, only ${[...tools.keys()].join(', ')}.`);
    return found;
  };
  const short = (text: string) => text.replaceAll(`${folder}/`, '');
  return {
    names: [...tools.keys()],
    tool,
    call: async (name, input = {}, signal = new AbortController().signal) => {
      const checked = await validateArguments(tool(name), input);
      if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
      return await tool(name).execute(checked.input, { sessionId: 's', toolName: name, signal });
    },
    problems: (source.problems?.() ?? []).map(({ subject, message }) => ({
      subject: short(subject),
      message: short(message),
    })),
  };
}

/** A tool file whose recipe `run` is a script; `$1` and so on are `args`. */
export function script(code: string, more = ''): string {
  return `
name: tool
command: sh
schema:
  options: {c: {short: c}}
  positional: [{name: zero, default: sh}, {name: one}, {name: two}]
recipes: {run: {preset: {c: ${JSON.stringify(code)}}}}
${more}`;
}

/** What a promise is rejected with. */
export async function thrown(promise: Promise<unknown>): Promise<{ message: string; details?: unknown }> {
  try {
    await promise;
  } catch (error) {
    return error as { message: string; details?: unknown };
  }
  throw new Error('It did not throw.');
}
