/** What was found out about one thing that sessions need or could use. */
export interface Check {
  name: string;
  /** `off`: something optional is not there. `failed`: sessions do not work as they should. */
  state: 'ok' | 'off' | 'failed';
  /** What is there, or why it is not. */
  detail: string;
  /** What to do about it; absent when there is nothing to do. */
  fix?: string;
  /** What it is made of. */
  parts?: Check[];
}
