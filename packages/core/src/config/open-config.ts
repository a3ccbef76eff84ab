import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerEvent } from '../executors/container/index.ts';
import type { Executor } from '../executors/executor.ts';
import type { SessionOptions } from '../session-options.ts';
import { MemoryStorage } from '../storage/memory.ts';
import type { Storage } from '../storage/storage.ts';
import type { Tool, ToolSource } from '../tool-sources/tool.ts';
import type { CodeModeConfig } from './code-mode-config.ts';
import type { ExecutorName } from './config-schema.ts';
import type { LoadedConfig } from './load-config.ts';

/** What a config stands for. Close it when its sessions are closed. */
export interface OpenedConfig extends AsyncDisposable {
  /** For `new Session`, a `SessionPool` or `openCodeMode`. */
  options: SessionOptions & { storage: Storage; executor: Executor };
  /** For `session.deps.add`, before the first run. */
  packages: readonly string[];
  /** Ends the executor and the storage. Safe to call twice. */
  close(): Promise<void>;
}

export interface OpenConfigOptions {
  /** Hears of what takes long before Python starts: an image that is pulled. */
  onProgress?: ((line: string) => void) | undefined;
}

/**
 * Makes storage, executor and tools of a config. Nothing starts yet: Python does with the first run, and tool files are
 * read when a tool is first needed.
 * @throws CodeModeError `invalid_options`
 */
export async function openConfig(
  { config }: Pick<LoadedConfig, 'config'>,
  { onProgress = () => {} }: OpenConfigOptions = {},
): Promise<OpenedConfig> {
  const { limits, deps, readOnly, policy, middleware, embed, onApproval, onEvent, packages = [] } = config;
  const executor = await executorOf(config, onProgress);
  const storage = await storageOf(config);
  const tools = await toolsOf(config);
  const close = async () => {
    await Promise.all([executor.close(), storage.close()]);
  };
  const optional = { limits, deps, readOnly, policy, middleware, embed, onApproval, onEvent };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { options: { ...given, executor, storage, tools }, packages, close, [Symbol.asyncDispose]: close };
}

type MakeExecutor = (config: CodeModeConfig, onProgress: (line: string) => void) => Promise<Executor>;

/** A new executor is a line here, a name in `EXECUTOR_NAMES` and a group in the schema. */
const EXECUTORS: Record<ExecutorName, MakeExecutor> = {
  subprocess: async ({ subprocess = {} }) => {
    const { SubprocessExecutor } = await import('../executors/subprocess/index.ts');
    return new SubprocessExecutor(subprocess);
  },
  container: async ({ container = {} }, onProgress) => {
    const { ContainerExecutor } = await import('../executors/container/index.ts');
    const onEvent = (event: ContainerEvent) => {
      if (event.type === 'image-pull') onProgress(`${event.image}: ${event.status}`);
    };
    return new ContainerExecutor({ ...container, onEvent });
  },
};

async function executorOf(config: CodeModeConfig, onProgress: (line: string) => void): Promise<Executor> {
  const { executor = 'subprocess' } = config;
  return typeof executor === 'string' ? await EXECUTORS[executor](config, onProgress) : executor;
}

async function storageOf({ base, storage = base, redis, prefix, workspace }: CodeModeConfig): Promise<Storage> {
  const scope = workspace === undefined ? {} : { workspaceId: workspace };
  if (typeof storage === 'object') return storage;
  if (storage !== undefined) {
    const { FileStorage } = await import('../storage/file.ts');
    return new FileStorage(storage, scope);
  }
  if (redis === undefined) return new MemoryStorage(scope);
  const { RedisStorage } = await import('../storage/redis.ts');
  return new RedisStorage({ url: redis, ...scope, ...(prefix !== undefined && { prefix }) });
}

async function toolsOf({ base, tools }: CodeModeConfig): Promise<(Tool | ToolSource)[]> {
  const folder = base === undefined ? undefined : join(base, 'tools');
  const given = tools ?? (folder !== undefined && existsSync(folder) ? [folder] : []);
  const items = [given].flat();
  if (items.length === 0) return [];
  const { fromYaml } = await import('../tool-sources/yaml/index.ts');
  return items.map((item) => (typeof item === 'string' ? fromYaml(item) : item));
}
