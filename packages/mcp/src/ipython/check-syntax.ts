import type { Session } from '@code-mode/core';
import { z } from 'zod';

/** What `submit_code` tells. */
export const CHECK_FIELDS = { ok: z.boolean(), error: z.string().optional() };

export type SyntaxCheck = z.infer<z.ZodObject<typeof CHECK_FIELDS>>;

/** Python compiles the code, as a run would, and runs nothing of it. @param session one without a model's code in it */
export async function checkSyntax(code: string, session: Session): Promise<SyntaxCheck> {
  if (code.trim() === '') return { ok: false, error: 'Empty submission' };
  const nul = code.indexOf('\0');
  if (nul !== -1) {
    // Python does not tell the line.
    const line = code.slice(0, nul).split('\n').length;
    return { ok: false, error: `Invalid source: line ${line} has a NUL character` };
  }
  const result = await session.run(compiling(code), { timeoutMs: 10_000 });
  if (result.status !== 'completed') {
    const reason =
      result.status === 'failed' ? `${result.error.name}: ${result.error.message}` : 'it could not be compiled';
    return { ok: false, error: `Invalid source: ${reason}` };
  }
  const [line, reason] = (result.result ?? []) as [number?, string?];
  return reason === undefined ? { ok: true } : { ok: false, error: `Syntax error at line ${line}: ${reason}` };
}

/** What JSON escapes, Python reads the same. The flag is `ast.PyCF_ALLOW_TOP_LEVEL_AWAIT`. */
function compiling(code: string): string {
  return `problem = []
try:
    compile(${JSON.stringify(code)}, "<submission>", "exec", flags=0x2000, dont_inherit=True)
except SyntaxError as error:
    problem = [error.lineno or 1, error.msg]
problem`;
}
