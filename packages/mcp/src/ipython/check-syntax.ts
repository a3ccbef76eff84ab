import { analyseCode, CodeModeError, type Executor } from '@code-mode/core';

/** What `submit_code` tells. */
export type SyntaxCheck = { ok: true } | { ok: false; error: string };

/** Python parses the code; nothing of it runs. */
export async function checkSyntax(code: string, executor: Executor): Promise<SyntaxCheck> {
  if (code.trim() === '') return { ok: false, error: 'Empty submission' };
  const nul = code.indexOf('\0');
  if (nul !== -1) {
    const line = code.slice(0, nul).split('\n').length;
    return { ok: false, error: `Invalid source: line ${line} has a NUL character` };
  }
  try {
    await analyseCode(code, { executor });
    return { ok: true };
  } catch (error) {
    if (!CodeModeError.isInstance(error) || error.code !== 'invalid_source') throw error;
    return { ok: false, error: error.message };
  }
}
