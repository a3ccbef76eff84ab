export { type AnalyseCodeOptions, analyseCode } from './analyse-code.ts';
export type { ApprovalDecision, ApprovalRequest, MadeDecision } from './approval.ts';
export { type CallSpan, callSpans } from './call-spans.ts';
export type { CodeFact, CodeFacts } from './code-facts.ts';
export {
  type CodeTool,
  type CodeToolOptions,
  type CodeToolRunOptions,
  type CodeToolStepOptions,
  createCodeTool,
  type InterruptOptions,
  type ResultImage,
  type RunCodeInput,
  type RunCodeOutput,
  type RunCodeSchema,
} from './code-tool.ts';
export type { DepsOptions, ResolvedDepsOptions } from './deps/options.ts';
export type { InstallRequest, PackageInstaller } from './deps/package-installer.ts';
export { CodeModeError, type CodeModeErrorCode, messageOf } from './errors.ts';
export type { SessionEvent } from './events.ts';
export type {
  Executor,
  ExecutorFeatures,
  IsolationLayer,
  IsolationReport,
  Kernel,
  KernelEnvironment,
  KernelExit,
  KernelLimits,
  KernelListener,
  LimitReport,
} from './executors/executor.ts';
export { createExtraTools, type ExtraTool, type ExtraToolName } from './extra-tools.ts';
export type { Journal, JournalOptions, JournalPage, ReadJournalOptions } from './journal.ts';
export type { JournalEntry } from './journal-entry.ts';
export type { SessionLimits } from './limits.ts';
export type { ArtifactEntry, ArtifactType } from './namespaces/artifacts/artifact-entry.ts';
export type { OpenArtifact } from './namespaces/artifacts/artifact-library.ts';
export type { SaveArtifactOptions, SessionArtifacts } from './namespaces/artifacts/session-artifacts.ts';
export type { Middleware, MiddlewareCall } from './namespaces/middleware.ts';
export type { DepsChange, SessionDeps } from './namespaces/session-deps.ts';
export type { SessionTools } from './namespaces/session-tools.ts';
export type { ToolEntry } from './namespaces/tool-catalog.ts';
export type { SessionWorkflows } from './namespaces/workflows/session-workflows.ts';
export type {
  SaveRecord,
  Workflow,
  WorkflowSource,
  WorkflowStats,
  WorkflowTrust,
  WorkflowVersion,
} from './namespaces/workflows/workflow.ts';
export type { WorkflowsOptions } from './namespaces/workflows/workflow-invocations.ts';
export { type CodeModeOptions, type CodeModeParts, type OpenCodeMode, openCodeMode } from './open-code-mode.ts';
export type { Decisions, PausedRun } from './pending-runs.ts';
export type {
  Policy,
  PolicyAnswer,
  PolicyCall,
  PolicyFunction,
  PolicyInstall,
  PolicyOutcome,
  PolicyPart,
  PolicyPreset,
  PolicyRequest,
  PolicyRule,
  PolicyRuling,
  PolicyRun,
} from './policy/policy.ts';
export { type DescribeCodeToolOptions, type DescribedSession, describeCodeTool } from './prompts/describe-code-tool.ts';
export { describeDisplay } from './prompts/describe-display.ts';
export { type DescribedRequest, describeRequest } from './prompts/describe-request.ts';
export { describeResult } from './prompts/describe-result.ts';
export type { StubDetail } from './prompts/python-stubs.ts';
export { pythonValue } from './prompts/python-value.ts';
export { TOOL_DESCRIPTION } from './prompts/tool-description.ts';
export type { AsyncContext, Run, RunOptions, RunState } from './run.ts';
export type { CallRecord, Display, JsonValue, OutputChunk, ProgramError, RunResult } from './run-result.ts';
export type { Embed, EmbeddingModelObject, EmbedFunction } from './search/embedding.ts';
export type { Found, SearchMode } from './search/hybrid.ts';
export { Session } from './session.ts';
export type { SessionOptions } from './session-options.ts';
export { type SessionKey, SessionPool, type SessionPoolOptions } from './session-pool.ts';
export type { SessionOrPool } from './sessions.ts';
export { MemoryStorage } from './storage/memory.ts';
export type {
  ByteRange,
  LogEntry,
  LogPage,
  Metadata,
  ReadLogOptions,
  SetOptions,
  Storage,
  StorageChanges,
  StorageFeatures,
  StorageOptions,
  StorageValue,
  StoredDocument,
  StoredEntry,
  StoredStream,
} from './storage/storage.ts';
export { followRun, type RunProgress } from './stream-run.ts';
export { defineTool, type ToolDefinition } from './tool-sources/function.ts';
export { type FromFunctionsOptions, type FunctionDefinition, fromFunctions } from './tool-sources/functions.ts';
export { lastValue } from './tool-sources/last-value.ts';
export { fromMcpAnnotations, toMcpContent, unwrapMcpResult } from './tool-sources/mcp-result.ts';
export { type NamingOptions, nameInSession } from './tool-sources/naming.ts';
export { nestedCallId } from './tool-sources/nested-call-id.ts';
export { fromStrictSchema } from './tool-sources/strict-schema.ts';
export {
  type JsonSchema,
  type Tool,
  type ToolAnnotations,
  type ToolContext,
  ToolError,
  ToolImage,
  type ToolProblem,
  type ToolSource,
  type ValidationIssue,
  type ValidationResult,
} from './tool-sources/tool.ts';
export {
  adoptTools,
  type ToolSet,
  type ToolSetSource,
  toolSetSource,
  whenAll,
} from './tool-sources/tool-set-source.ts';
