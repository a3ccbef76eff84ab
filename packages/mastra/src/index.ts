export type { RunCodeAnswer, RunCodeSuspension } from './approval.ts';
export { type CodeMode, type CreateCodeModeOptions, createCodeMode } from './create-code-mode.ts';
export { createRunCodeTool, type RunCodeTool, type RunCodeToolOptions } from './create-run-code-tool.ts';
export { fromMastraTools } from './from-mastra-tools.ts';
