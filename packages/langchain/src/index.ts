export type { InterruptOn } from './approval.ts';
export { type CodeModeMiddleware, codeModeMiddleware } from './code-mode-middleware.ts';
export { CodeModeToolkit } from './code-mode-toolkit.ts';
export { type CodeMode, type CreateCodeModeOptions, createCodeMode } from './create-code-mode.ts';
export { createRunCodeTool, type RunCodeTool, type RunCodeToolOptions } from './create-run-code-tool.ts';
export { type FromLangChainToolsOptions, fromLangChainTools } from './from-langchain-tools.ts';
export type { RunCodeCall } from './run-code-call.ts';
