import type { StubDetail } from '../prompts/python-stubs.ts';
import { pythonPath } from '../tool-sources/python-names.ts';
import type { Tool, ToolContext } from '../tool-sources/tool.ts';
import { formatArgumentError, validateArguments } from '../tool-sources/validate-arguments.ts';
import { CallFailure } from './call-failure.ts';
import type { Namespace, NamespaceCall } from './dispatch.ts';
import type { ToolCatalog } from './tool-catalog.ts';

/** The `tools` namespace: calls tools, and lists, searches and describes them. */
export class ToolsNamespace implements Namespace {
  readonly name = 'tools';
  readonly #catalog: ToolCatalog;
  readonly #sessionId: string;

  constructor(catalog: ToolCatalog, sessionId: string) {
    this.#catalog = catalog;
    this.#sessionId = sessionId;
  }

  spell({ function: operation, name }: { function: string; name: string | undefined }): string {
    if (operation !== 'call') return `tools.${operation}`;
    const tool = this.#catalog.get(name ?? '');
    return `tools.${tool ? pythonPath(tool.name) : name}`;
  }

  handle(call: NamespaceCall): unknown {
    switch (call.function) {
      case 'call':
        return this.#call(call);
      case 'list':
        return this.#catalog.list(detail(call));
      case 'search':
        return this.#catalog.search(text(call, 'query'), count(call, 'limit'), detail(call));
      case 'describe':
        return this.#catalog.describe(text(call, 'name'));
      default:
        throw new CallFailure('namespace', `tools has no function '${call.function}'.`);
    }
  }

  async #call(call: NamespaceCall): Promise<unknown> {
    const tool = this.#catalog.get(call.name ?? '');
    if (!tool) throw this.#catalog.notFound(call.name ?? '');
    const context: ToolContext = {
      sessionId: this.#sessionId,
      runId: call.runId,
      callId: call.callId,
      toolName: tool.name,
      signal: call.signal,
      runContext: call.runContext,
    };
    const checked = await validateArguments(tool, call.arguments);
    if (!checked.ok) {
      const message = formatArgumentError(this.spell(call), checked.issues);
      throw new CallFailure('arguments', message, { issues: checked.issues });
    }
    if (await gated(tool, checked.input, context)) await call.approve(tool.name);
    // The run may have been stopped while the arguments were checked: then nothing happens any more.
    call.signal.throwIfAborted();
    return tool.execute(checked.input, context);
  }
}

/** A gate that cannot be asked counts as closed. */
async function gated(tool: Tool, input: Record<string, unknown>, context: ToolContext): Promise<boolean> {
  try {
    return (await tool.needsApproval?.(input, context)) ?? false;
  } catch {
    return true;
  }
}

function text(call: NamespaceCall, name: string): string {
  const value = call.arguments[name];
  if (typeof value === 'string') return value;
  throw new CallFailure('arguments', `tools.${call.function}(${name}=…): ${name} must be a str.`);
}

function detail(call: NamespaceCall): StubDetail | undefined {
  const value = call.arguments.detail;
  if (value === undefined || value === null) return undefined;
  if (value === 'names' || value === 'summary' || value === 'full') return value;
  throw new CallFailure('arguments', `tools.${call.function}(detail=…): detail must be 'names', 'summary' or 'full'.`);
}

function count(call: NamespaceCall, name: string): number | undefined {
  const value = call.arguments[name];
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new CallFailure('arguments', `tools.${call.function}(${name}=…): ${name} must be a whole number of 1 or more.`);
}
