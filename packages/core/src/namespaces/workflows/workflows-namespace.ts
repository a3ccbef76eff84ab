import { isSchema } from '../../tool-sources/schema-shape.ts';
import type { ToolAnnotations } from '../../tool-sources/tool.ts';
import { ArgumentReader } from '../argument-reader.ts';
import { CallFailure, withCallFailures } from '../call-failure.ts';
import type { CallAbout, CallTarget, Namespace, NamespaceCall, PreparedCall } from '../namespace.ts';
import type { SessionServices } from '../session-services.ts';
import { checkUses } from './check-uses.ts';
import { toPython, versionToPython } from './workflow-dicts.ts';
import { WorkflowInvocations } from './workflow-invocations.ts';
import type { WorkflowLibrary } from './workflow-library.ts';

/** To call a workflow is no write: what it calls is decided about by itself. */
const FUNCTIONS = new Map<string, ToolAnnotations>([
  ['list', { readOnly: true }],
  ['search', { readOnly: true }],
  ['get', { readOnly: true }],
  ['history', { readOnly: true }],
  ['resolve', { readOnly: true }],
  ['check', { readOnly: true }],
  ['invoke', { readOnly: true }],
  ['end', {}],
  ['install', { destructive: false }],
  ['create', { destructive: false, openWorld: false }],
  ['rollback', { destructive: false, openWorld: false }],
  ['delete', { destructive: true, openWorld: false }],
]);

/** The `workflows` namespace: the library, and the host's part in running a workflow. */
export class WorkflowsNamespace implements Namespace {
  readonly name = 'workflows';
  readonly parts: ReadonlySet<string> = new Set(['check', 'resolve', 'end']);
  /** An installation takes as long as `deps` lets it. */
  readonly selfLimited: ReadonlySet<string> = new Set(['install']);
  readonly #library: WorkflowLibrary;
  readonly #invocations: WorkflowInvocations;
  readonly #sessionId: string;
  readonly #maxSaves: number;
  #saves = 0;

  constructor(
    library: WorkflowLibrary,
    services: Pick<SessionServices, 'sessionId' | 'limits' | 'deps' | 'workflows'>,
  ) {
    this.#library = library;
    this.#maxSaves = services.limits.workflowSaves;
    this.#sessionId = services.sessionId;
    this.#invocations = new WorkflowInvocations(library, services.deps, services.workflows);
  }

  spell({ function: operation, name }: CallTarget): string {
    return `workflows.${operation === 'invoke' && name !== undefined ? name : operation}`;
  }

  about({ function: operation, name }: CallTarget): CallAbout {
    return {
      name: `workflows.${operation}`,
      annotations: FUNCTIONS.get(operation) ?? {},
      ...(operation === 'invoke' && name !== undefined && { workflow: name }),
    };
  }

  prepare(call: NamespaceCall): Promise<PreparedCall> {
    return withCallFailures(() => this.#prepare(call));
  }

  release(runId: string): void {
    this.#invocations.release(runId);
  }

  #prepare(call: NamespaceCall): PreparedCall | Promise<PreparedCall> {
    const about = this.about(call);
    const args = call.arguments;
    switch (call.function) {
      case 'invoke':
        return this.#invocations.prepare(call, about, { given: given(call), have: args.have });
      case 'install':
        return this.#invocations.prepareInstall(
          about,
          read.text(call, 'invocation'),
          read.list(call, 'requirements', 'a list of str', isText),
        );
      default: {
        if (!FUNCTIONS.has(call.function)) throw unknown(call);
        const perform = () => this.#perform(call);
        if (this.parts.has(call.function)) return { perform };
        return { subject: { ...about, kind: 'call', arguments: args, editable: false, binding: args }, perform };
      }
    }
  }

  async #perform(call: NamespaceCall): Promise<unknown> {
    const by = { sessionId: this.#sessionId, runId: call.runId };
    switch (call.function) {
      case 'list':
        return (await this.#library.list()).map((workflow) => toPython(workflow));
      case 'search':
        return (await this.#library.search(read.text(call, 'query'), read.count(call, 'limit'))).map((workflow) =>
          toPython(workflow),
        );
      case 'get': {
        const found = await this.#library.get(read.text(call, 'name'));
        return found && toPython(found, found.source);
      }
      case 'create':
        this.#countSave();
        return toPython(
          await this.#library.create(
            read.text(call, 'name'),
            // The library says how long it may be.
            read.text(call, 'source', Number.POSITIVE_INFINITY),
            read.text(call, 'description', MAX_DESCRIPTION),
            by,
          ),
        );
      case 'delete':
        return await this.#library.delete(read.text(call, 'name'), by);
      case 'history':
        return (await this.#library.history(read.text(call, 'name'))).map(versionToPython);
      case 'rollback':
        this.#countSave();
        return toPython(await this.#library.rollback(read.text(call, 'name'), read.count(call, 'version'), by));
      case 'resolve':
        if (await this.#library.has(call.name ?? '')) return true;
        throw await this.#library.notFound(call.name ?? '');
      case 'check':
        return await checkUses(this.#library, call);
      case 'end':
        return await this.#invocations.end(
          read.text(call, 'invocation'),
          call.arguments.error === null ? undefined : read.text(call, 'error', Number.POSITIVE_INFINITY),
        );
      default:
        throw unknown(call);
    }
  }

  #countSave(): void {
    if (this.#saves >= this.#maxSaves)
      throw new CallFailure(
        'limit',
        `This session has saved workflows ${this.#maxSaves} times, which is its limit (limits.workflowSaves).`,
      );
    this.#saves++;
  }
}

function unknown(call: NamespaceCall): CallFailure {
  return new CallFailure('namespace', `workflows has no function '${call.function}'.`);
}

const MAX_DESCRIPTION = 10_000;

const read = new ArgumentReader('workflows');

function isText(item: unknown): item is string {
  return typeof item === 'string';
}

function given(call: NamespaceCall): { plain: Record<string, unknown>; opaque: Record<string, string> } {
  const { arguments: plain, opaque } = call.arguments;
  if (isSchema(plain) && isSchema(opaque)) {
    return { plain, opaque: Object.fromEntries(Object.entries(opaque).map(([name, type]) => [name, String(type)])) };
  }
  throw new CallFailure('arguments', `workflows.${call.name ?? ''}(…): takes named arguments.`);
}
