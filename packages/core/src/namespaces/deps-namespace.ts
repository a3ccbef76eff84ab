import type { Requirement } from '../deps/requirement.ts';
import { CodeModeError } from '../errors.ts';
import type { ToolAnnotations } from '../tool-sources/tool.ts';
import { CallFailure, withCallFailures } from './call-failure.ts';
import type { CallAbout, CallSubject, Namespace, NamespaceCall, PreparedCall } from './namespace.ts';
import type { DepsChange, SessionDeps } from './session-deps.ts';

const FUNCTIONS = new Map<string, ToolAnnotations>([
  ['list', { readOnly: true }],
  ['sync', { destructive: false }],
  ['add', { destructive: false }],
  ['remove', { destructive: true }],
]);

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

  about({ function: operation }: { function: string }): CallAbout {
    return { name: `deps.${operation}`, annotations: FUNCTIONS.get(operation) ?? {} };
  }

  prepare(call: NamespaceCall): Promise<PreparedCall> {
    return withCallFailures(() => this.#prepare(call));
  }

  #prepare(call: NamespaceCall): PreparedCall {
    const { signal } = call;
    const { name, annotations } = this.about(call);
    const args = call.arguments;
    const subject: CallSubject = { kind: 'call', name, annotations, arguments: args, editable: false, binding: args };
    switch (call.function) {
      case 'list':
        return { subject, perform: () => this.#deps.list() };
      case 'sync':
        return { subject, perform: async () => toPython(await this.#deps.sync({ signal })) };
      case 'add': {
        const requirements = strings(call, 'requirements');
        const wanted = this.#deps.check(requirements);
        this.#assertRuntime('deps.add');
        return {
          subject: { ...this.#installation(wanted, subject), editable: true },
          perform: async () => toPython(await this.#deps.add(requirements, { signal })),
        };
      }
      case 'remove': {
        this.#assertRuntime('deps.remove');
        const names = strings(call, 'names');
        return { subject, perform: async () => toPython(await this.#deps.remove(names, { signal })) };
      }
      default:
        throw new CallFailure('namespace', `deps has no function '${call.function}'.`);
    }
  }

  /**
   * Makes sure that packages are there which Python's own code needs, e.g. a workflow's. Under the same rules as
   * `deps.add`; what is required already needs no permission.
   * @param about the call that needs them, and the arguments it shows
   * @throws CodeModeError `invalid_requirement`, `dependency_refused`; `perform` also `install_failed`
   */
  async prepareInclude(
    requirements: readonly string[],
    about: CallAbout & Pick<CallSubject, 'arguments'>,
  ): Promise<PreparedCall> {
    const wanted = this.#deps.check(requirements);
    const perform = async () => {
      if (wanted.length > 0) await this.#deps.include(wanted);
    };
    if (wanted.length === 0 || (await this.#deps.has(wanted))) return { perform };
    this.#assertRuntime('Installing what is missing');
    const subject: CallSubject = { ...about, kind: 'call', editable: false, binding: about.arguments };
    return { subject: this.#installation(wanted, subject), perform };
  }

  #installation(requirements: readonly Requirement[], subject: CallSubject): CallSubject {
    const own = this.#deps.options.ask ? { needsApproval: () => true } : {};
    return { ...subject, ...own, kind: 'install', requirements };
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

const MAX_AT_ONCE = 1_000;

function strings(call: NamespaceCall, name: string): string[] {
  const value = call.arguments[name];
  const isList = Array.isArray(value) && value.length > 0 && value.length <= MAX_AT_ONCE;
  if (isList && value.every((item) => typeof item === 'string')) return value;
  throw new CallFailure(
    'arguments',
    `deps.${call.function}() takes one to ${MAX_AT_ONCE} strings, e.g. deps.${call.function}("pandas").`,
  );
}
