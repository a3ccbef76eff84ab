export type SandboxLayer =
  | 'user'
  | 'namespaces'
  | 'files'
  | 'network'
  | 'capabilities'
  | 'landlock'
  | 'seccomp'
  | 'environment'
  | 'descriptors';

/** What an attempt is about, by the letter that its id begins with. */
const CLASSES: Record<string, string> = {
  A: 'artifacts',
  D: 'packages',
  E: 'environment',
  F: 'files',
  H: 'approvals',
  K: 'system calls',
  L: 'lateness',
  N: 'network',
  P: 'processes',
  R: 'resources',
  S: 'identity',
  T: 'tenants',
  W: 'workflows',
  X: 'text',
  Z: 'frames',
};

export function classOf({ id }: { id: string }): string {
  return CLASSES[id.charAt(0)] as string;
}

/** One way out of the sandbox, as the model would write it. */
export interface Attempt {
  id: string;
  title: string;
  /** The layer that must stop it; others may stand behind. */
  layer: SandboxLayer | 'limits';
  /**
   * What is seen of it in the sandbox: the name of the error, `nothing`, or how the process ended. It is `landed`
   * without one.
   */
  seen: string;
  /** The body of a Python function that returns whether it landed. `canary` and the helpers of `prelude.ts` are there. */
  code: string;
  /** Only root can do it outside. */
  root?: boolean;
  /** Outside it takes a Python that nobody has cleaned up: a plain child of this process. */
  control?: 'plain';
  /** Only on this kind of processor. */
  processor?: 'x64';
  /** Reaches for another session, whose facts are `neighbour`. */
  neighbour?: true;
}

type Row = [id: string, title: string, layer: Attempt['layer'], seen: string, code: string, more?: Partial<Attempt>];

export function attempts(rows: Row[]): Attempt[] {
  return rows.map(([id, title, layer, seen, code, more]) => ({ id, title, layer, seen, code, ...more }));
}
