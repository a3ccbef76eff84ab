import type { CodeToolOptions } from './code-tool.ts';
import type { Session } from './session.ts';
import { type SessionOrPool, sessionsOf } from './sessions.ts';
import type { JsonSchema } from './tool-sources/tool.ts';

export type ExtraToolName = 'searchWorkflows' | 'listArtifacts' | 'resetSession';

/** A tool beside `runCode`, for models that rather call a tool than write Python. Adapters wrap it and add nothing. */
export interface ExtraTool<Call = unknown> {
  readonly name: ExtraToolName;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  /** Resolves to the text for the model. @throws CodeModeError as `CodeTool.execute` */
  execute(input: Record<string, unknown>, call: Call): Promise<string>;
}

/** Makes the extra tools: all of them with `true`, or those that are named. */
export function createExtraTools<Call>(
  given: SessionOrPool,
  wanted: boolean | readonly ExtraToolName[],
  { sessionKey }: Pick<CodeToolOptions<Call>, 'sessionKey'> = {},
): ExtraTool<Call>[] {
  const sessions = sessionsOf(given);
  const names = wanted === true ? (Object.keys(EXTRA_TOOLS) as ExtraToolName[]) : wanted || [];
  return names.map((name) => {
    const { run, ...about } = EXTRA_TOOLS[name];
    return { name, ...about, execute: async (input, call) => run(sessions.acquire(sessionKey?.(call)), input) };
  });
}

const NO_ARGUMENTS: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };

const EXTRA_TOOLS: Record<
  ExtraToolName,
  {
    description: string;
    inputSchema: JsonSchema;
    run(session: Session, input: Record<string, unknown>): Promise<string>;
  }
> = {
  searchWorkflows: {
    description: 'Finds saved Python workflows for a task. Call one in runCode: workflows.invoke("name", arg=...).',
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'string', description: 'What to do, in a few words.' } },
      required: ['query'],
      additionalProperties: false,
    },
    run: async (session, { query }) => {
      const found = await session.workflows.search(String(query));
      return found.length === 0
        ? 'No workflow fits.'
        : found.map(({ signature, description }) => `${signature}\n    ${description}`).join('\n');
    },
  },
  listArtifacts: {
    description: 'Lists what is saved as artifacts. Load one in runCode: artifacts.load("name").',
    inputSchema: NO_ARGUMENTS,
    run: async (session) => {
      const entries = await session.artifacts.list();
      return entries.length === 0
        ? 'There are no artifacts.'
        : entries
            .map(
              ({ name, type, size, description }) =>
                `${name} (${type}, ${size} bytes)${description && `: ${description}`}`,
            )
            .join('\n');
    },
  },
  resetSession: {
    description: 'Starts Python anew: variables, imports and functions are gone; workflows and artifacts stay.',
    inputSchema: NO_ARGUMENTS,
    run: async (session) => {
      await session.reset();
      return 'The Python session is new.';
    },
  },
};
