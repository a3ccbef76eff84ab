export { type CodeMode, type CreateCodeModeOptions, createCodeMode } from './create-code-mode.ts';
export { createRunCodeTool, type RunCodeTool, type RunCodeToolOptions } from './create-run-code-tool.ts';
export { fromOpenAIAgentsTools } from './from-openai-agents-tools.ts';
export type { RunCodeCall } from './run-code-call.ts';
