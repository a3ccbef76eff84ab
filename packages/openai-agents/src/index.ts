export type { AgentRun } from './agent-runs.ts';
export { type CodeMode, type CreateCodeModeOptions, createCodeMode } from './create-code-mode.ts';
export {
  createRunCodeTool,
  type RunCodeCall,
  type RunCodeTool,
  type RunCodeToolOptions,
} from './create-run-code-tool.ts';
export { fromOpenAIAgentsTools } from './from-openai-agents-tools.ts';
