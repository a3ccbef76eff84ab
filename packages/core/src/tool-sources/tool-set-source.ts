import type { Tool, ToolProblem, ToolSource } from './tool.ts';

/** A source whose `tools()` starts nothing, so that it can be asked before anybody needs them: a framework's tool set. */
export interface ToolSetSource extends ToolSource {
  readonly startsNothing: true;
  /** A list when they are known at once. */
  tools(): Tool[] | Promise<Tool[]>;
  problems(): readonly ToolProblem[];
}

/** A framework's tools, and how they become tools of a session. */
export interface ToolSet<Item> {
  name: string;
  /** With the framework's own names. */
  items: Iterable<readonly [name: string, item: Item]>;
  convert(item: Item, name: string): Tool | Promise<Tool | Tool[]>;
  /** Why Python cannot call it; then it is left out. */
  obstacle(item: Item): string | undefined;
}

/** Makes a source of a framework's tools. */
export function toolSetSource<Item>({ name, items, convert, obstacle }: ToolSet<Item>): ToolSetSource {
  const known = [...items].map(([subject, item]) => ({ subject, item, why: obstacle(item) }));
  return {
    name,
    startsNothing: true,
    tools: () => {
      const offered = known.filter(({ why }) => why === undefined);
      const tools = whenAll(offered.map(({ subject, item }) => convert(item, subject)));
      return Array.isArray(tools) ? tools.flat() : tools.then((lists) => lists.flat());
    },
    problems: () =>
      known.flatMap(({ subject, why }) =>
        why === undefined ? [] : [{ source: name, subject, message: `Python cannot call it: ${why}.` }],
      ),
  };
}

/** All values: at once when none has to be waited for. */
export function whenAll<T>(values: (T | PromiseLike<T>)[]): T[] | Promise<T[]> {
  if (values.every((value) => typeof (value as Partial<PromiseLike<T>>).then !== 'function')) return values as T[];
  const loading = Promise.all(values);
  // Whoever needs what loads hears of its failure.
  loading.catch(() => {});
  return loading;
}

/** What is given to a session as it is, and of a framework's tools among it the source that `adopt` makes. */
export function adoptTools<Theirs extends object>(
  given: Iterable<Theirs | Tool | ToolSource>,
  adopt: (theirs: Theirs[]) => ToolSource,
): (Tool | ToolSource)[] {
  const theirs: Theirs[] = [];
  const ours: (Tool | ToolSource)[] = [];
  for (const item of given) {
    if (isOurs(item)) ours.push(item);
    else theirs.push(item);
  }
  return [adopt(theirs), ...ours];
}

function isOurs(item: object): item is Tool | ToolSource {
  return ('execute' in item && 'inputSchema' in item) || typeof Reflect.get(item, 'tools') === 'function';
}

/** The tools of a source, if they are known at once: then a description has them before the first run. */
export function knownNow(item: Tool | ToolSource): (Tool | ToolSource)[] {
  const tools = 'startsNothing' in item && (item as ToolSetSource).tools();
  return Array.isArray(tools) ? [...tools, { ...item, tools: () => [] }] : [item];
}
