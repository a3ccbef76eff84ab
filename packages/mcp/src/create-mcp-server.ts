import type { ToolFamily } from '@code-mode/core/config';
import { McpServer } from '@modelcontextprotocol/server';
import manifest from '../package.json' with { type: 'json' };
import type { Client } from './clients.ts';
import { addDepsTools } from './code-mode/add-deps-tools.ts';
import { addLookupTools } from './code-mode/add-lookup-tools.ts';
import { addRunTools } from './code-mode/add-run-tools.ts';
import { addWorkflowTools } from './code-mode/add-workflow-tools.ts';
import { type Connection, pausedCalls } from './connection.ts';
import { addIpythonTools } from './ipython/add-ipython-tools.ts';
import { addPrompts } from './library/add-prompts.ts';
import { addResources } from './library/add-resources.ts';
import type { McpHost } from './mcp-host.ts';
import { Turns } from './turns.ts';

/** Whom a server serves. */
export interface McpServerOptions {
  era: 'legacy' | 'modern';
  /** Undefined over stateless HTTP, where a tool's argument says who calls. */
  client: Client | undefined;
}

/** Rounds of questions that one call may take with an older client, which the SDK asks for us. */
const MAX_ROUNDS = 1_000;

/** A server for one connection, or one request: the tools of the chosen families, resources and a prompt. */
export function createMcpServer(host: McpHost, { era, client }: McpServerOptions): McpServer {
  const server = new McpServer(
    { name: 'code-mode', title: 'code-mode', version: manifest.version },
    {
      capabilities: { tools: {}, resources: { listChanged: true, subscribe: true }, prompts: {} },
      instructions: instructionsFor(host),
      requestState: { verify: pausedCalls.verify },
      inputRequired: { maxRounds: MAX_ROUNDS },
    },
  );
  const connection: Connection = { host, server, era, client, turns };
  for (const family of host.families) FAMILIES[family](connection);
  addResources(connection);
  addPrompts(connection);
  return server;
}

/** One for the process: over stateless HTTP the calls of a session come to different servers. */
const turns = new Turns();

const FAMILIES: Record<ToolFamily, (connection: Connection) => void> = {
  'code-mode': (connection) => {
    addRunTools(connection);
    addLookupTools(connection);
    addWorkflowTools(connection);
    addDepsTools(connection);
  },
  ipython: addIpythonTools,
};

function instructionsFor({ families, durable }: McpHost): string {
  const tool = families.includes('code-mode') ? 'run_code' : 'python_exec';
  const kept = durable ? '' : ' Workflows and artifacts are kept until the server ends.';
  return `You have a Python session: the tool ${tool}. Use it for data, computing, and whatever takes more than one call: write one program that makes the calls as tools.NAME(arg=...), works on what they return, and ends in an expression with the answer. Variables stay for the next run. Search for a saved workflow before you write code, and save code that worked. When a run fails, read the traceback, mend the code and run it again.${kept}`;
}
