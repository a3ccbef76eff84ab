export { type CodeMode, type CreateCodeModeOptions, createCodeMode } from './create-code-mode.ts';
export {
  createRunCodeTool,
  type RunCodeCall,
  type RunCodeTool,
  type RunCodeToolOptions,
} from './create-run-code-tool.ts';
export { createToolApproval, type RunCodeApproval } from './create-tool-approval.ts';
export { type FromAiSdkToolsOptions, fromAiSdkTools } from './from-ai-sdk-tools.ts';
