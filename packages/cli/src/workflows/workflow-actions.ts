import { CodeModeError, type Session, type Workflow, type WorkflowSource, type WorkflowTrust } from '@code-mode/core';
import type { ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { runShown } from '../run/run-code.ts';
import { givenArguments } from '../session/given-arguments.ts';
import { orInterrupted } from '../session/interrupt.ts';
import { withSession } from '../session/open-session.ts';
import type { SessionFlags } from '../session/session-flags.ts';
import { columns } from '../terminal/columns.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface WorkflowFlags extends SessionFlags {
  json?: boolean;
  limit?: number;
}

/** `code-mode workflows list` and, with a query, `workflows search`. */
export async function listWorkflows(
  query: string | undefined,
  flags: WorkflowFlags,
  terminal: Terminal,
): Promise<void> {
  await withStore(flags, terminal, async ({ workflows }) => {
    const found: Workflow[] = query === undefined ? await workflows.list() : await workflows.search(query, flags.limit);
    if (flags.json) return terminal.printJson(found);
    if (found.length > 0) terminal.print(columns(found.map(rowOf)));
    else
      terminal.say(query === undefined ? 'No workflow is saved here.' : `No workflow fits ${JSON.stringify(query)}.`);
  });
}

/** `code-mode workflows show`: what is known on stderr, the source on stdout. */
export async function showWorkflow(name: string, flags: WorkflowFlags, terminal: Terminal): Promise<void> {
  await withStore(flags, terminal, async (session) => {
    const workflow = await required(session, name);
    if (flags.json) return terminal.printJson(workflow);
    terminal.say(describe(workflow));
    terminal.print(workflow.source.trimEnd());
  });
}

/** `code-mode workflows history`. */
export async function showHistory(name: string, flags: WorkflowFlags, terminal: Terminal): Promise<void> {
  await withStore(flags, terminal, async ({ workflows }) => {
    const versions = await workflows.history(name).catch(explainMissing(name));
    if (flags.json) return terminal.printJson(versions);
    if (versions.length === 0) return terminal.say(`${name} was put here by hand: it has no versions yet.`);
    const rows = versions.map(({ version, current, hash, saved, description }) => [
      `${current ? '*' : ' '} ${version}`,
      hash.slice(0, 12),
      saved.at,
      saved.restored === undefined ? description : `${description} (version ${saved.restored} again)`,
    ]);
    terminal.print(columns(rows));
  });
}

/** `code-mode workflows run`. */
export async function runWorkflow(
  name: string,
  words: readonly string[],
  flags: WorkflowFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  return await runShown({ ...flags, needsStore: true }, { terminal, stem: name }, async (session, signal) => {
    const { inputSchema } = await orInterrupted(required(session, name), signal);
    return await session.workflows.invoke(name, givenArguments(words, inputSchema), { signal });
  });
}

/** `code-mode workflows trust`: of a text that whoever approves it can see. */
export async function trustWorkflow(
  name: string,
  trust: WorkflowTrust,
  flags: WorkflowFlags,
  terminal: Terminal,
): Promise<void> {
  await withStore(flags, terminal, async (session) => {
    const { source, hash } = await required(session, name);
    if (trust === 'trusted' && !flags.yes) {
      terminal.say(source.trimEnd());
      if (!(await terminal.confirm(`Do you trust this text of ${name}?`, false)))
        return terminal.say('Nothing was changed.');
    }
    await session.workflows.setTrust(name, trust, { hash });
    terminal.print(`${name} is ${trust} (${hash.slice(0, 12)}).`);
  });
}

/** `code-mode workflows rollback`. */
export async function rollBackWorkflow(
  name: string,
  version: number,
  flags: WorkflowFlags,
  terminal: Terminal,
): Promise<void> {
  await withStore(flags, terminal, async ({ workflows }) => {
    const saved = await workflows.rollback(name, version).catch(explainMissing(name));
    terminal.print(`${name} is version ${version} again, saved as version ${saved.version}.`);
  });
}

/** `code-mode workflows delete`. */
export async function deleteWorkflow(name: string, flags: WorkflowFlags, terminal: Terminal): Promise<void> {
  await withStore(flags, terminal, async (session) => {
    await required(session, name);
    if (!(await terminal.confirm(`Delete the workflow ${name}?`, flags.yes ?? false)))
      return terminal.say('Nothing was changed.');
    await session.workflows.delete(name);
    terminal.print(`${name} is deleted. Its versions stay: workflows rollback brings one back.`);
  });
}

function withStore<T>(flags: WorkflowFlags, terminal: Terminal, use: (session: Session) => Promise<T>): Promise<T> {
  return withSession(flags, { terminal, needsStore: true }, use);
}

async function required({ workflows }: Session, name: string): Promise<WorkflowSource> {
  const found = await workflows.get(name);
  if (found !== undefined) return found;
  const [near] = await workflows.search(name, 1);
  throw missing(name, near === undefined ? 'See code-mode workflows list.' : `Did you mean ${near.name}?`);
}

/** Of a name that has no version either. */
function explainMissing(name: string) {
  return (error: unknown): never => {
    const isMissing = CodeModeError.isInstance(error) && error.code === 'workflow_not_found';
    throw isMissing ? missing(name, 'See code-mode workflows list.') : error;
  };
}

function missing(name: string, advice: string): Failure {
  return new Failure(`There is no workflow ${JSON.stringify(name)} here. ${advice}`);
}

function counts({ runs, failures }: Workflow['stats']): string {
  return `${runs} ${runs === 1 ? 'run' : 'runs'}, ${failures} failed`;
}

function rowOf({ name, version, trust, stats, description, problem }: Workflow): string[] {
  const runs = stats.runs === 0 ? 'never run' : counts(stats);
  return [
    name,
    version === undefined ? 'by hand' : `v${version}`,
    trust,
    runs,
    problem ? `broken: ${problem}` : description,
  ];
}

function describe({ signature, trust, hash, tools, requirements, stats, problem }: WorkflowSource): string {
  const lines = [
    `# ${signature}`,
    `# ${trust}, ${counts(stats)}, ${hash.slice(0, 12)}`,
    ...(tools.length > 0 ? [`# tools: ${tools.join(', ')}`] : []),
    ...(requirements.length > 0 ? [`# packages: ${requirements.join(', ')}`] : []),
    ...(problem === undefined ? [] : [`# broken: ${problem}`]),
  ];
  return lines.join('\n');
}
