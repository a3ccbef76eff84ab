import type { Requirement } from '../deps/requirement.ts';
import { CodeModeError } from '../errors.ts';
import { CallFailure } from './call-failure.ts';
import type { Namespace, NamespaceCall } from './dispatch.ts';
import type { DepsChange, SessionDeps } from './session-deps.ts';

/** The `deps` namespace: what Python may ask of the session's packages, under the session's policy. */
export class DepsNamespace implements Namespace {
  readonly name = 'deps';
  /** An installation may take minutes: `deps.timeoutMs` limits it. */
  readonly selfLimited = new Set(['add', 'remove', 'sync']);
  readonly #deps: SessionDeps;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
  }

  spell({ function: operation }: { function: string }): string {
    return `deps.${operation}`;
  }

  async handle(call: NamespaceCall): Promise<unknown> {
    try {
      return await this.#serve(call);
    } catch (error) {
      if (!CodeModeError.isInstance(error)) throw error;
      throw new CallFailure('namespace', error.message, { code: error.code, ...error.details });
    }
  }

  async #serve(call: NamespaceCall): Promise<unknown> {
    const { signal } = call;
    switch (call.function) {
      case 'list':
        return this.#deps.list();
      case 'sync':
        return toPython(await this.#deps.sync({ signal }));
      case 'add': {
        const requirements = strings(call, 'requirements');
        await this.#admit(this.#deps.check(requirements), 'deps.add', () => call.approve('deps.add'));
        return toPython(await this.#deps.add(requirements, { signal }));
      }
      case 'remove':
        this.#assertRuntime('deps.remove');
        return toPython(await this.#deps.remove(strings(call, 'names'), { signal }));
      default:
        throw new CallFailure('namespace', `deps has no function '${call.function}'.`);
    }
  }

  /**
   * Makes sure that packages are there which Python's own code needs, e.g. a workflow's. Under the same policy as
   * `deps.add`; what is required already needs no permission.
   * @param approve asks for approval; without it, what has to be asked for is refused
   * @throws CodeModeError `invalid_requirement`, `dependency_refused`, `approval_required`, `install_failed`; what `approve` throws
   */
  async ensure(requirements: readonly string[], approve?: () => Promise<void>): Promise<void> {
    const wanted = this.#deps.check(requirements);
    if (wanted.length === 0) return;
    if (!(await this.#deps.has(wanted))) await this.#admit(wanted, 'Installing what is missing', approve);
    await this.#deps.include(wanted);
  }

  async #admit(
    requirements: readonly Requirement[],
    what: string,
    approve: (() => Promise<void>) | undefined,
  ): Promise<void> {
    this.#assertRuntime(what);
    if (!this.#deps.options.ask) return;
    if (approve) return approve();
    const names = requirements.map(({ text }) => text).join(', ');
    throw new CodeModeError(
      'approval_required',
      `Installing ${names} needs approval (deps.ask); call deps.add(...) first.`,
    );
  }

  #assertRuntime(what: string): void {
    if (this.#deps.options.allowRuntime) return;
    throw new CodeModeError(
      'dependency_refused',
      `${what} is not allowed here: the packages of this session are fixed (deps.allowRuntime). Use what deps.list() shows.`,
    );
  }
}

function toPython({ alreadyPresent, ...rest }: DepsChange): object {
  return { ...rest, already_present: alreadyPresent };
}

function strings(call: NamespaceCall, name: string): string[] {
  const value = call.arguments[name];
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')) return value;
  throw new CallFailure(
    'arguments',
    `deps.${call.function}() takes one or more strings, e.g. deps.${call.function}("pandas").`,
  );
}
