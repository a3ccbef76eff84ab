import { z } from 'zod';
import type { Connection } from '../connection.ts';

/** The habit that makes a library of workflows grow: search, invoke, write, save. */
export function addPrompts({ server, host }: Connection): void {
  const run = host.families.includes('code-mode') ? 'run_code' : 'python_exec';
  server.registerPrompt(
    'solve_with_code',
    {
      title: 'Solve with code',
      description: 'Does a task in Python: search, invoke, else write, then save.',
      argsSchema: z.object({ task: z.string().describe('What to do.') }),
    },
    ({ task }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `${task}\n\n${habit(run)}` } }],
    }),
  );
}

function habit(run: string): string {
  return `Work with Python in ${run}:
1. Search: workflows.search("what to do") for saved programs, tools.search("what to do") for tools.
2. If a workflow fits, call it: workflows.invoke("name", arg=...).
3. Else write one program that calls the tools, loops and filters in Python, and ends in an expression with the answer.
4. Save code that worked and will be useful again: workflows.create("name", source, "what it does"); source defines run(...).`;
}
