/** One way out of the sandbox, as the model would write it. */
export interface Attempt {
  id: string;
  title: string;
  /** The layer that must stop it; others may stand behind. */
  layer: 'user' | 'namespaces' | 'files' | 'network' | 'capabilities' | 'landlock' | 'seccomp' | 'environment';
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
}

type Row = [id: string, title: string, layer: Attempt['layer'], seen: string, code: string, more?: Partial<Attempt>];

export function attempts(rows: Row[]): Attempt[] {
  return rows.map(([id, title, layer, seen, code, more]) => ({ id, title, layer, seen, code, ...more }));
}
