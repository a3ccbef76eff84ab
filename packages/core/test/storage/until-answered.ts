import { CodeModeError } from '../../src/errors.ts';

/** Asks until a store that is coming back answers: its client may still find it away. */
export async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!CodeModeError.isInstance(error) || error.code !== 'storage_unavailable' || attempt === 20) throw error;
    }
  }
}
