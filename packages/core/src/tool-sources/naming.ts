import type { Tool } from './tool.ts';

/** How a source's tools are called in this session. Every source takes these options. */
export interface NamingOptions {
  /** Group in Python: with `github`, the tool `search` is `tools.github.search`. @defaultValue no group */
  prefix?: string;
  /** Other names for single tools, by the source's own name, before the prefix. A function gets every name. */
  rename?: Record<string, string> | ((name: string) => string);
}

/** The name that a source's tool has in the session. */
export function nameInSession(name: string, { prefix, rename }: NamingOptions): string {
  const other = typeof rename === 'function' ? rename(name) : Object.hasOwn(rename ?? {}, name) && rename?.[name];
  const renamed = other || name;
  return prefix === undefined || prefix === '' ? renamed : `${prefix}.${renamed}`;
}

/** The same tools under the names they have in the session. */
export function named(tools: Iterable<Tool>, options: NamingOptions): Tool[] {
  return [...tools].map((tool) => {
    const name = nameInSession(tool.name, options);
    return name === tool.name ? tool : { ...tool, name };
  });
}
