import { z } from 'zod';
import { resolveLimits, type SessionLimits } from '../limits.ts';
import type { JsonSchema } from '../tool-sources/tool.ts';

/** Executors that a config file or a flag can name. */
export const EXECUTOR_NAMES = ['subprocess', 'container'] as const;
export type ExecutorName = (typeof EXECUTOR_NAMES)[number];

/** Groups of tools that an MCP server can offer. */
export const TOOL_FAMILIES = ['code-mode', 'ipython'] as const;
export type ToolFamily = (typeof TOOL_FAMILIES)[number];

const text = z.string().min(1);
const texts = z.union([text, z.array(text)]);
const count = z.number().positive();

const limitNames = Object.keys(resolveLimits()) as (keyof SessionLimits)[];

const preload = z.array(text).optional().describe('Packages imported once and shared by every session.');
const limits = z
  .strictObject({
    memoryBytes: count.optional(),
    cpuSeconds: count.optional(),
    fileBytes: count.optional(),
    openFiles: count.optional(),
    processes: count.optional(),
  })
  .optional();

const subprocess = z.strictObject({
  python: text.optional().describe('The interpreter: a path, or a name on PATH.'),
  preload,
  env: z.record(z.string(), z.string()).optional().describe('All environment variables that Python sees.'),
  cwd: text.optional().describe('Working folder of the code, shared by all sessions.'),
  isolation: z.enum(['auto', 'required', 'none']).optional(),
  network: z.enum(['none', 'host']).optional(),
  limits,
});

const container = z.strictObject({
  image: text.optional().describe('An image with Python 3.10 or newer.'),
  python: text.optional().describe('The interpreter: a path in the image, or a name on its PATH.'),
  pull: z.enum(['missing', 'always', 'never']).optional(),
  share: z.enum(['executor', 'session']).optional().describe('One container for all sessions, or one for each.'),
  depsNetwork: text.optional().describe("The engine's network of the containers that install packages."),
  runtime: text.optional().describe('A runtime that the engine has, such as runsc.'),
  isolation: z.enum(['auto', 'required']).optional(),
  preload,
  env: z.record(z.string(), z.string()).optional().describe('Environment variables that Python sees.'),
  limits,
  container: z
    .strictObject({
      memoryBytes: count.optional(),
      cpus: count.optional(),
      processes: count.optional(),
      scratchBytes: count.optional(),
    })
    .optional()
    .describe('What one container may use as a whole.'),
});

const deps = z.strictObject({
  allowRuntime: z.boolean().optional().describe('Whether Python may add and remove packages.'),
  allow: z.array(text).optional().describe('The only packages that may be asked for.'),
  ask: z.boolean().optional().describe('Asks somebody before Python adds a package.'),
  installer: z.enum(['uv', 'pip']).optional(),
  indexUrl: text.optional(),
  extraArgs: z.array(z.string()).optional(),
  allowSourceBuilds: z.boolean().optional(),
  timeoutMs: count.optional(),
  cacheFolder: text.optional(),
});

const rule = z.strictObject({
  outcome: z.enum(['allow', 'ask', 'deny']),
  reason: text.optional(),
  namespace: texts.optional(),
  name: texts.optional(),
  annotations: z
    .strictObject({
      readOnly: z.boolean().optional(),
      destructive: z.boolean().optional(),
      idempotent: z.boolean().optional(),
      openWorld: z.boolean().optional(),
    })
    .optional(),
  trust: z.enum(['draft', 'trusted', 'blocked']).optional(),
  install: z.union([z.literal(true), texts]).optional(),
  run: z.literal(true).optional(),
});
const policyPart = z.union([z.enum(['allow-all', 'ask-writes', 'ask-all']), rule]);

/** What a config file may say as data. A file in TypeScript or JavaScript may hold objects beside it. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  base: text.optional().describe('A folder: what is saved goes here, and its folder `tools` has the tool files.'),
  storage: text.optional().describe('A folder for what is saved.'),
  redis: text.optional().describe('The address of a Redis for what is saved: redis://… or rediss://….'),
  prefix: text.optional().describe('Prefix of the keys in Redis.'),
  workspace: text.optional().describe('Keeps what is saved apart from other workspaces of the same storage.'),
  tools: texts.optional().describe('Folders of tool files, or files.'),
  executor: z.enum(EXECUTOR_NAMES).optional(),
  subprocess: subprocess.optional().describe('Options of the executor `subprocess`.'),
  container: container.optional().describe('Options of the executor `container`.'),
  limits: z
    .strictObject(Object.fromEntries(limitNames.map((name) => [name, count.optional()])))
    .optional()
    .describe('What one run may use; times in ms, sizes in bytes.'),
  deps: deps.optional().describe('What may be installed, and how.'),
  packages: z
    .array(text)
    .optional()
    .describe('Packages that every session starts with; they are added to the storage.'),
  readOnly: z.boolean().optional().describe('Denies every call that is not marked read-only.'),
  policy: z.union([policyPart, z.array(policyPart)]).optional(),
  mcp: z
    .strictObject({ families: z.array(z.enum(TOOL_FAMILIES)).min(1).optional() })
    .optional()
    .describe('Options of the MCP server.'),
});

/** The JSON Schema of config files, for editors. `schema/config.schema.json` is this; its test writes it anew with `-u`. */
export function configFileSchema(): JsonSchema {
  return { title: 'Config file of code-mode', ...z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }) };
}
