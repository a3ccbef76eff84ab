import type { z } from 'zod';
import type { DepsOptions } from '../deps/options.ts';
import type { ContainerExecutorOptions } from '../executors/container/index.ts';
import type { Executor } from '../executors/executor.ts';
import type { SubprocessExecutorOptions } from '../executors/subprocess/index.ts';
import type { Policy } from '../policy/policy.ts';
import type { SessionOptions } from '../session-options.ts';
import type { Storage } from '../storage/storage.ts';
import type { Tool, ToolSource } from '../tool-sources/tool.ts';
import type { configSchema } from './config-schema.ts';

type Data = z.input<typeof configSchema>;

/** What a config file says. All of it has a default; one in TypeScript may hold objects where others hold names. */
export interface CodeModeConfig
  extends Omit<Data, 'storage' | 'tools' | 'executor' | 'subprocess' | 'container' | 'policy' | 'limits' | 'deps'>,
    Pick<SessionOptions, 'limits' | 'middleware' | 'embed' | 'onApproval' | 'onEvent'> {
  /** A folder, or a storage. @defaultValue memory: what is saved ends with the process */
  storage?: string | Storage;
  /** Folders of tool files, files, tools and sources of tools. @defaultValue the folder `tools` of `base` */
  tools?: string | readonly (string | Tool | ToolSource)[];
  /** @defaultValue `subprocess` */
  executor?: Data['executor'] | Executor;
  /** Options of the executor `subprocess`. */
  subprocess?: SubprocessExecutorOptions;
  /** Options of the executor `container`. */
  container?: Omit<ContainerExecutorOptions, 'docker' | 'load' | 'onEvent'>;
  deps?: DepsOptions;
  policy?: Policy;
}

/** Gives a config file in TypeScript its types. */
export function defineConfig(config: CodeModeConfig): CodeModeConfig {
  return config;
}
