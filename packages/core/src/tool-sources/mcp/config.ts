import { z } from 'zod';
import { CodeModeError } from '../../errors.ts';

/** A server that is a program: it is started and spoken to over its standard input and output. */
export interface McpStdioServer {
  command: string;
  args?: string[];
  /** Its whole environment, beside `PATH`, `HOME`, `USER`, `LOGNAME`, `SHELL` and `TERM`. */
  env?: Record<string, string>;
  /** @defaultValue the host's */
  cwd?: string;
}

/** A server with an address. */
export interface McpHttpServer {
  url: string;
  /** Sent with every request, e.g. `Authorization`. */
  headers?: Record<string, string>;
  /** `sse` is the transport that came before streamable HTTP. @defaultValue 'http' */
  transport?: 'http' | 'sse';
}

export type McpServerConfig = McpStdioServer | McpHttpServer;

/** Several servers by name, as in the `mcpServers` of Claude Desktop, or the `servers` of VS Code. */
export type McpServersConfig =
  | { mcpServers: Record<string, McpServerConfig> }
  | { servers: Record<string, McpServerConfig> };

/** A checked configuration. */
export type ServerTarget =
  | { transport: 'stdio'; command: string; args: string[]; env: Record<string, string>; cwd?: string | undefined }
  | { transport: 'http' | 'sse'; url: string; headers: Record<string, string> };

export interface ConfiguredServer {
  /** Its name, when it is one of several. */
  name: string | undefined;
  /** Undefined when the configuration says `disabled`. */
  target: ServerTarget | undefined;
  /** Keys of the configuration that mean nothing here. */
  unknownKeys: string[];
}

/** @throws CodeModeError `invalid_options` */
export function readConfig(config: unknown): ConfiguredServer[] {
  if (!isRecord(config)) throw invalid('takes a server, { mcpServers: { … } }, or a connected client');
  const key = ['mcpServers', 'servers'].find((name) => config[name] !== undefined);
  if (key === undefined) return [readServer(undefined, config)];
  const servers = config[key];
  if (!isRecord(servers)) throw invalid(`'${key}' must be an object of servers by name`);
  return Object.entries(servers).map(([name, server]) => readServer(name, server));
}

const texts = z.record(z.string(), z.string()).default({});
const common = {
  transport: z.string().optional(),
  /** What mcp.json files call the transport. */
  type: z.string().optional(),
  disabled: z.boolean().optional(),
};
const stdio = z.object({
  ...common,
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: texts,
  cwd: z.string().optional(),
});
const http = z.object({ ...common, url: z.url({ protocol: /^https?$/ }), headers: texts });

/** Spellings of the transports in the files of other clients. */
const TRANSPORTS: Record<string, ServerTarget['transport']> = {
  stdio: 'stdio',
  sse: 'sse',
  http: 'http',
  'streamable-http': 'http',
  streamableHttp: 'http',
  streamable_http: 'http',
};

function readServer(name: string | undefined, config: unknown): ConfiguredServer {
  const of = name === undefined ? 'the server' : `server '${name}'`;
  if (!isRecord(config)) throw invalid(`${of} must be an object`);
  const hasUrl = config.url !== undefined;
  if (hasUrl === (config.command !== undefined)) {
    throw invalid(`${of} must have either 'command', a program to start, or 'url', and not both`);
  }
  const schema = hasUrl ? http : stdio;
  const parsed = schema.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`${of} has a wrong '${issue?.path.join('.')}': ${issue?.message}`);
  }
  const { transport: written, type, disabled, ...rest } = parsed.data;
  const given = written ?? type ?? (hasUrl ? 'http' : 'stdio');
  const transport = Object.hasOwn(TRANSPORTS, given) ? TRANSPORTS[given] : undefined;
  if (transport === undefined || (transport === 'stdio') === hasUrl) {
    const fits = hasUrl ? "'http' or 'sse'" : "'stdio'";
    throw invalid(`${of} has the transport '${given}'; with '${hasUrl ? 'url' : 'command'}' it must be ${fits}`);
  }
  return {
    name,
    target: disabled ? undefined : ({ ...rest, transport } as ServerTarget),
    unknownKeys: Object.keys(config).filter((key) => !Object.hasOwn(schema.shape, key)),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(problem: string): CodeModeError {
  return new CodeModeError('invalid_options', `fromMcp: ${problem}.`);
}
