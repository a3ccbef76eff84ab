import { randomUUID } from 'node:crypto';
import { CodeModeError } from '../../errors.ts';
import { CallFailure, withCallFailures } from '../call-failure.ts';
import type { DepsNamespace } from '../deps-namespace.ts';
import type { CallAbout, NamespaceCall, PreparedCall } from '../namespace.ts';
import { checkArguments, type GivenArguments } from './check-arguments.ts';
import type { WorkflowSource } from './workflow.ts';
import type { WorkflowLibrary } from './workflow-library.ts';

/** What a kernel needs to run a workflow. */
export interface StartedInvocation {
  invocation: string;
  /** Names the text. */
  version: string;
  /** Absent when the kernel has that text already. */
  source?: string;
  requirements: string[];
  canInstall: boolean;
  /** Arguments that count as not given. */
  omit: string[];
}

interface OpenInvocation {
  runId: string;
  name: string;
  requirements: string[];
  startedAt: number;
}

/** Workflows that a kernel is running. Python runs them; the host admits them and counts. */
export class WorkflowInvocations {
  readonly #library: WorkflowLibrary;
  readonly #deps: Pick<DepsNamespace, 'prepareInclude'> | undefined;
  readonly #requireTrusted: boolean;
  readonly #open = new Map<string, OpenInvocation>();

  constructor(
    library: WorkflowLibrary,
    deps: Pick<DepsNamespace, 'prepareInclude'> | undefined,
    { requireTrusted = false }: WorkflowsOptions,
  ) {
    this.#library = library;
    this.#deps = deps;
    this.#requireTrusted = requireTrusted;
  }

  /**
   * @param have the text the kernel has compiled
   * @throws CallFailure `denied` by trust, `arguments`
   * @throws CodeModeError `workflow_not_found`, `invalid_name`, `invalid_source`
   */
  async prepare(
    call: NamespaceCall,
    about: CallAbout,
    { given, have }: { given: GivenArguments; have: unknown },
  ): Promise<PreparedCall> {
    const workflow = await this.#find(call.name ?? '');
    this.#admit(workflow);
    const omit = await checkArguments(workflow, given);
    const { name, hash, source, requirements, trust } = workflow;
    const opaque = Object.entries(given.opaque).map(([key, type]) => [key, `a ${type} in Python`]);
    // What cannot be seen here may be another thing the next time.
    const unseen = opaque.length > 0 ? randomUUID() : '';
    return {
      subject: {
        ...about,
        kind: 'call',
        arguments: { name, arguments: { ...given.plain, ...Object.fromEntries(opaque) } },
        editable: false,
        // The text that runs is the one that was approved.
        binding: [name, hash, given.plain, unseen],
        trust,
      },
      perform: (): StartedInvocation => {
        const invocation = randomUUID();
        this.#open.set(invocation, { runId: call.runId, name, requirements, startedAt: performance.now() });
        const canInstall = this.#deps !== undefined;
        return { invocation, version: hash, ...(have !== hash && { source }), requirements, canInstall, omit };
      },
    };
  }

  /** Installs what the kernel lacks of the workflow's own requirements. */
  prepareInstall(about: CallAbout, invocation: string, missing: string[]): Promise<PreparedCall> {
    const { name, requirements } = this.#get(invocation);
    const foreign = missing.find((item) => !requirements.includes(item));
    if (foreign !== undefined)
      throw new CallFailure('namespace', `workflows.${name} does not ask for the package '${foreign}'.`);
    const names = missing.join(', ');
    const deps = this.#deps;
    if (deps === undefined) {
      const what = missing.length === 1 ? `the package '${names}', which is` : `the packages ${names}, which are`;
      throw new CallFailure(
        'namespace',
        `workflows.${name} needs ${what} not installed, and this session cannot install packages.`,
      );
    }
    return withCallFailures(
      () => deps.prepareInclude(missing, { ...about, arguments: { workflow: name, requirements: missing } }),
      ({ message }) => `workflows.${name} needs ${names}, not installed here. ${message}`,
    );
  }

  /** @param error what it raised, if it did */
  async end(invocation: string, error: string | undefined): Promise<void> {
    const { name, startedAt } = this.#get(invocation);
    this.#open.delete(invocation);
    await this.#library.statistics.count(name, { durationMs: performance.now() - startedAt, error });
  }

  /** A run is over. What it left open was interrupted, or its kernel died. */
  release(runId: string): void {
    for (const [invocation, open] of this.#open) {
      if (open.runId !== runId) continue;
      // Nobody waits for the count of a run that was stopped.
      this.end(invocation, 'The run ended before the workflow did.').catch(() => {});
    }
  }

  async #find(name: string): Promise<WorkflowSource> {
    const workflow = await this.#library.get(name);
    if (workflow === undefined) throw await this.#library.notFound(name);
    if (workflow.problem === undefined) return workflow;
    const message = `The workflow '${name}' cannot be used: ${workflow.problem}. Save it again with workflows.create("${name}", source).`;
    throw new CodeModeError('invalid_source', message.replace('.. ', '. '));
  }

  #admit({ name, trust }: WorkflowSource): void {
    if (trust === 'blocked') {
      throw new CallFailure(
        'denied',
        `workflows.${name} is blocked. Ask the person you work for, or do the task another way.`,
      );
    }
    if (this.#requireTrusted && trust !== 'trusted') {
      throw new CallFailure(
        'denied',
        `workflows.${name} is a draft, and this session runs trusted workflows only. Ask for it to be approved, or do the task with code of your own.`,
      );
    }
  }

  #get(invocation: string): OpenInvocation {
    const open = this.#open.get(invocation);
    if (open === undefined) throw new CallFailure('namespace', 'This workflow is not running.');
    return open;
  }
}

/** What a session lets its workflows do. */
export interface WorkflowsOptions {
  /** Refuses to run a workflow whose text the host has not approved with `session.workflows.setTrust`. @defaultValue false */
  requireTrusted?: boolean;
}
