import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ToolSource } from '@code-mode/core';
import { fromMcp } from '@code-mode/core/tool-sources/mcp';

export interface Memory extends AsyncDisposable {
  /** A real MCP server, a process of its own: `tools.memory.create_entities` and its other tools. */
  tools: ToolSource;
  /** What the server has kept. */
  read(): Promise<string>;
}

/** An MCP server that keeps what it is told, in a folder that goes with it. */
export async function openMemory(): Promise<Memory> {
  const folder = await mkdtemp(join(tmpdir(), 'bring-your-own-tools-'));
  const file = join(folder, 'memory.jsonl');
  const program = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-memory/dist/index.js'));
  const memory = { command: process.execPath, args: [program], env: { MEMORY_FILE_PATH: file } };
  return {
    tools: fromMcp({ mcpServers: { memory } }),
    read: () => readFile(file, 'utf8').catch(() => ''),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
