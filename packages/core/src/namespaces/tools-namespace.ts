import type { StubDetail } from '../prompts/python-stubs.ts';
import { pythonPath } from '../tool-sources/python-names.ts';
import type { ToolContext } from '../tool-sources/tool.ts';
import { formatArgumentError, validateArguments } from '../tool-sources/validate-arguments.ts';
import { ArgumentReader } from './argument-reader.ts';
import { CallFailure } from './call-failure.ts';
import type { GatedCall } from './call-gate.ts';
import type { CallAbout, CallTarget, Namespace, PreparedCall } from './namespace.ts';
import type { ToolCatalog } from './tool-catalog.ts';

/** Loads the tools that are not known yet, e.g. `SessionTools`. */
interface LateTools {
  catalog(): Promise<ToolCatalog>;
}

/** The `tools` namespace: calls tools, and lists, searches and describes them. */
export class ToolsNamespace implements Namespace<GatedCall> {
  readonly name = 'tools';
  readonly parts = LOADING;
  readonly selfLimited = LOADING;
  readonly #sessionId: string;
  readonly #late: LateTools | false;
  #catalog: ToolCatalog;

  /** @param late what has the tools that are not in `catalog` yet */
  constructor(catalog: ToolCatalog, sessionId: string, late: LateTools | false) {
    this.#catalog = catalog;
    this.#sessionId = sessionId;
    this.#late = late;
  }

  spell({ function: operation, name }: CallTarget): string {
    if (operation !== 'call') return `tools.${operation}`;
    const tool = this.#catalog.get(name ?? '');
    return `tools.${tool ? pythonPath(tool.name) : name}`;
  }

  about({ function: operation, name }: CallTarget): CallAbout {
    if (operation !== 'call') return { name: `tools.${operation}`, annotations: { readOnly: true } };
    const tool = this.#catalog.get(name ?? '');
    return { name: tool?.name ?? name ?? '', annotations: tool?.annotations ?? {} };
  }

  prepare(call: GatedCall): PreparedCall | Promise<PreparedCall> {
    switch (call.function) {
      case 'call':
        return this.#prepareCall(call);
      case 'load':
        return { perform: async () => (await this.#all()).signatures() };
      case 'list': {
        const wanted = detail(call);
        return { perform: async () => (await this.#all()).list(wanted) };
      }
      case 'search': {
        const [query, limit, wanted] = [read.text(call, 'query'), limitOf(call), detail(call)];
        return { perform: async () => (await this.#all()).search(query, limit, wanted) };
      }
      case 'describe': {
        const name = read.text(call, 'name');
        return { perform: async () => (await this.#all()).describe(name) };
      }
      default:
        throw new CallFailure('namespace', `tools has no function '${call.function}'.`);
    }
  }

  async #all(): Promise<ToolCatalog> {
    if (this.#late) this.#catalog = await this.#late.catalog();
    return this.#catalog;
  }

  async #prepareCall(call: GatedCall): Promise<PreparedCall> {
    const tool = this.#catalog.get(call.name ?? '');
    if (!tool) throw this.#catalog.notFound(call.name ?? '');
    const checked = await validateArguments(tool, call.arguments);
    if (!checked.ok) {
      const message = formatArgumentError(this.spell(call), checked.issues);
      throw new CallFailure('arguments', message, { issues: checked.issues });
    }
    const { name, annotations, description, inputSchema } = tool;
    const { input } = checked;
    const context: ToolContext = {
      sessionId: this.#sessionId,
      ...(call.runId !== undefined && { runId: call.runId }),
      ...(call.callId !== undefined && { callId: call.callId }),
      toolName: name,
      signal: call.signal,
      runContext: call.runContext,
    };
    return {
      subject: {
        kind: 'call',
        name,
        annotations,
        arguments: input,
        editable: true,
        // Another tool may have the name by then.
        binding: { arguments: call.arguments, description, inputSchema },
        ...(tool.needsApproval && { needsApproval: () => tool.needsApproval?.(input, context) ?? false }),
      },
      perform: () => tool.execute(input, context),
    };
  }
}

/** How long sources may take to start is theirs to limit, and that they had to is no call of the code. */
const LOADING: ReadonlySet<string> = new Set(['load']);

const read = new ArgumentReader('tools');

function detail(call: GatedCall): StubDetail | undefined {
  const value = call.arguments.detail;
  if (value === undefined || value === null) return undefined;
  if (value === 'names' || value === 'summary' || value === 'full') return value;
  throw read.wrong(call, 'detail', "'names', 'summary' or 'full'");
}

function limitOf(call: GatedCall): number | undefined {
  const { limit } = call.arguments;
  return limit === undefined || limit === null ? undefined : read.count(call, 'limit');
}
