// What a command line of its own takes, without the server that it may never start.
export { createMcpCommand } from './mcp-command.ts';
export { runCommand } from './run-command.ts';
