import { createMiddleware } from 'langchain';
import { type CreateCodeModeOptions, createCodeMode } from './create-code-mode.ts';
import { sessionKeyOf } from './run-code-call.ts';

/** For `middleware` of `createAgent`; what `createCodeMode` gives beside the tools is on it. */
export type CodeModeMiddleware = ReturnType<typeof codeModeMiddleware>;

/**
 * Code mode as one entry in `middleware`: it brings `runCode`, says in the system prompt what it is for, and ends the
 * session of a run that has no `thread_id` with that run.
 * @throws CodeModeError `invalid_options`
 */
export function codeModeMiddleware(options: CreateCodeModeOptions = {}) {
  const { tools, ...codeMode } = createCodeMode(options);
  const middleware = createMiddleware({
    name: 'CodeModeMiddleware',
    tools,
    wrapModelCall: (request, handler) =>
      handler({ ...request, systemMessage: request.systemMessage.concat(`\n\n${codeMode.instructions}`) }),
    afterAgent: async (_state, runtime) => {
      const key = options.sessionKey ? undefined : sessionKeyOf(runtime);
      if (key !== undefined && typeof key !== 'string') await codeMode.sessions.release(key);
    },
  });
  return Object.assign(middleware, codeMode);
}
