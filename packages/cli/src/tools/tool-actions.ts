import type { Session, Tool, ToolEntry } from '@code-mode/core';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { runShown } from '../run/run-code.ts';
import { givenArguments } from '../session/given-arguments.ts';
import { orInterrupted } from '../session/interrupt.ts';
import { withSession } from '../session/open-session.ts';
import type { SessionFlags } from '../session/session-flags.ts';
import { columns } from '../terminal/columns.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface ListFlags extends SessionFlags {
  json?: boolean;
  limit?: number;
}

/** `code-mode tools list` and, with a query, `tools search`. */
export async function listTools(query: string | undefined, flags: ListFlags, terminal: Terminal): Promise<void> {
  await withTools(flags, terminal, async (session) => {
    const tools: ToolEntry[] =
      query === undefined ? await session.tools.list() : await session.tools.search(query, flags.limit);
    if (flags.json) return terminal.printJson(tools);
    if (tools.length > 0) terminal.print(columns(tools.map(({ name, description = '' }) => [name, description])));
    else terminal.say(query === undefined ? NO_TOOLS : `No tool fits ${JSON.stringify(query)}.`);
    await sayProblems(session, terminal);
  });
}

/** `code-mode tools describe`: the stub that Python would see. */
export async function describeTool(name: string, flags: SessionFlags, terminal: Terminal): Promise<void> {
  await withTools(flags, terminal, async (session) => terminal.print((await session.tools.describe(name)).trimEnd()));
}

/** `code-mode tools check`: reads the files, starts the servers, and says what was left out. */
export async function checkTools(flags: ListFlags, terminal: Terminal): Promise<ExitCode> {
  return await withTools(flags, terminal, async (session) => {
    const tools = await session.tools.list();
    const problems = await session.tools.problems();
    if (flags.json) terminal.printJson({ ok: problems.length === 0, tools: tools.map(({ name }) => name), problems });
    else {
      for (const { message } of problems) terminal.print(message);
      terminal.print(`${count(tools.length, 'tool')}, ${count(problems.length, 'problem')}.`);
      if (tools.length + problems.length === 0) terminal.say(NO_TOOLS);
    }
    return problems.length === 0 ? EXIT.ok : EXIT.failed;
  });
}

/** `code-mode tools call`: as Python would call it, with policy and approvals. */
export async function callTool(
  name: string,
  words: readonly string[],
  flags: ListFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  return await runShown({ ...flags, plainErrors: true }, { terminal, stem: name }, async (session, signal) => {
    const { tool, path } = await orInterrupted(findTool(session, name), signal);
    // JSON text is a Python literal too.
    const args = JSON.stringify(JSON.stringify(givenArguments(words, tool.inputSchema)));
    return await session.run(`import json\n${path}(**json.loads(${args}))`, { signal });
  });
}

async function findTool(session: Session, name: string): Promise<{ tool: Tool; path: string }> {
  const catalog = await session.tools.catalog();
  // Both are in one order.
  const paths = catalog.list('names').map((entry) => entry.name);
  const tools = [...(catalog as Iterable<Tool>)];
  const wanted = name.replace(/^tools\./u, '');
  const at = paths.indexOf(wanted) >= 0 ? paths.indexOf(wanted) : tools.findIndex((tool) => tool.name === name);
  const tool = tools[at];
  if (tool === undefined) throw catalog.notFound(name);
  return { tool, path: `tools.${paths[at]}` };
}

async function withTools<T>(
  flags: SessionFlags,
  terminal: Terminal,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  using progress = terminal.progress('Loading tools …');
  return await withSession(flags, { terminal }, async (session) => {
    await session.tools.catalog();
    progress.end();
    return await use(session);
  });
}

async function sayProblems(session: Session, terminal: Terminal): Promise<void> {
  for (const { message } of await session.tools.problems()) terminal.say(message);
}

const NO_TOOLS = 'There are no tools here: name a folder of tool files with --tools or --base.';

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
