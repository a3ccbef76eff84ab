import { CodeModeError } from '../../errors.ts';
import { pythonLiteral } from '../../prompts/python-literal.ts';
import type { RunOptions } from '../../run.ts';
import type { RunResult } from '../../run-result.ts';
import type { Found } from '../../search/hybrid.ts';
import type { Workflow, WorkflowSource, WorkflowTrust, WorkflowVersion } from './workflow.ts';
import type { WorkflowLibrary } from './workflow-library.ts';
import { workflowKey } from './workflow-name.ts';

/** The workflows of the session's storage, for host code. The same ones that Python sees as `workflows`. */
export class SessionWorkflows {
  readonly #library: WorkflowLibrary;
  readonly #sessionId: string;
  readonly #run: (code: string, options: RunOptions) => Promise<RunResult>;

  constructor(
    library: WorkflowLibrary,
    sessionId: string,
    run: (code: string, options: RunOptions) => Promise<RunResult>,
  ) {
    this.#library = library;
    this.#sessionId = sessionId;
    this.#run = run;
  }

  /** All workflows by name; one that cannot be used has a `problem`. */
  async list(): Promise<Workflow[]> {
    return await this.#library.list();
  }

  /** The workflows that fit the query, best first; `mode` says how they were found. @param limit defaults to 10 */
  async search(query: string, limit = 10): Promise<Found<Workflow>> {
    return await this.#library.search(query, limit);
  }

  /** One workflow with its source. @throws CodeModeError `invalid_name` */
  async get(name: string): Promise<WorkflowSource | undefined> {
    return await this.#library.get(name);
  }

  /**
   * Saves a workflow, or a new version of it. The source is parsed, never run.
   * @param source Python that defines `run(...)`
   * @throws CodeModeError `invalid_name`, `invalid_source`
   */
  async create(name: string, source: string, description = ''): Promise<Workflow> {
    return await this.#library.create(name, source, description, { sessionId: this.#sessionId });
  }

  /** Returns whether it was there. Its versions stay; `rollback` brings one back. @throws CodeModeError `invalid_name` */
  async delete(name: string): Promise<boolean> {
    return await this.#library.delete(name);
  }

  /** Its versions, newest first; also of a deleted workflow. @throws CodeModeError `invalid_name`, `workflow_not_found` */
  async history(name: string): Promise<WorkflowVersion[]> {
    return await this.#library.history(name);
  }

  /** Saves an old version again, as a new one. @throws CodeModeError `invalid_name`, `workflow_not_found`, `invalid_arguments` */
  async rollback(name: string, version: number): Promise<Workflow> {
    return await this.#library.rollback(name, version, { sessionId: this.#sessionId });
  }

  /**
   * Decides about a workflow; Python cannot. `trusted` approves the current text and no other; `blocked` holds for every
   * text of that name.
   * @param options.hash of the text that was looked at: when another is current by now, nothing is decided
   * @throws CodeModeError `invalid_name`, `workflow_not_found`, `storage_conflict`
   */
  async setTrust(name: string, trust: WorkflowTrust, { hash }: { hash?: string } = {}): Promise<Workflow> {
    if (!['draft', 'trusted', 'blocked'].includes(trust)) {
      throw new CodeModeError(
        'invalid_arguments',
        `Trust is 'draft', 'trusted' or 'blocked', not ${JSON.stringify(trust)}.`,
      );
    }
    return await this.#library.setTrust(name, trust, hash);
  }

  /**
   * Runs a workflow in the session's kernel, in its turn among the runs.
   * @param args plain data; a parameter with a class as its hint takes the fields of the class
   * @throws CodeModeError `invalid_name`, and what `session.run` throws
   */
  async invoke(name: string, args: Record<string, unknown> = {}, options: RunOptions = {}): Promise<RunResult> {
    workflowKey(name);
    return await this.#run(`workflows.invoke(${pythonLiteral(name)}, **${pythonLiteral(args)})`, options);
  }
}
