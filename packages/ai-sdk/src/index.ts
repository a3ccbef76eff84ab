export { type CodeMode, type CreateCodeModeOptions, createCodeMode } from './create-code-mode.ts';
export {
  createRunCodeTool,
  type RunCodeOutput,
  type RunCodeTool,
  type RunCodeToolOptions,
} from './create-run-code-tool.ts';
export {
  type AiSdkToolSource,
  type FromAiSdkToolsOptions,
  fromAiSdkTools,
  type SkippedTool,
} from './from-ai-sdk-tools.ts';
