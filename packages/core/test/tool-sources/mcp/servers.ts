import { fileURLToPath } from 'node:url';
import type { McpStdioServer } from '../../../src/tool-sources/mcp/index.ts';

/** A reference server of the npm registry, which speaks the protocol of 2025. */
export function reference(name: keyof typeof installed, ...args: string[]): McpStdioServer {
  return { command: process.execPath, args: [installed[name], ...args] };
}

/** A server made with the SDK v2, which speaks the protocol of 2026; see `modern-server.ts`. */
export function modern(): McpStdioServer {
  return {
    command: process.execPath,
    args: ['--conditions=@code-mode/source', fileURLToPath(new URL('modern-server.ts', import.meta.url))],
  };
}

/** A server by hand that behaves badly in a chosen way; see `bad-server.ts`. */
export function bad(...how: string[]): McpStdioServer {
  return { command: process.execPath, args: [fileURLToPath(new URL('bad-server.ts', import.meta.url)), ...how] };
}

export const installed = {
  everything: fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js')),
  filesystem: fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-filesystem/dist/index.js')),
  memory: fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-memory/dist/index.js')),
};
