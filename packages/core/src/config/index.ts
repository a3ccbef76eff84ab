export type { CodeModeConfig } from './code-mode-config.ts';
export { defineConfig } from './code-mode-config.ts';
export type { ConfigFlags } from './config-flags.ts';
export { EXECUTOR_NAMES, type ExecutorName, TOOL_FAMILIES, type ToolFamily } from './config-schema.ts';
export { type ConfigFile, findConfig } from './find-config.ts';
export { type LoadConfigOptions, type LoadedConfig, loadConfig } from './load-config.ts';
export { type OpenedConfig, openConfig } from './open-config.ts';
