import type { Storage } from '@code-mode/core';
import { messageOf } from '../failure.ts';
import type { Check } from './check.ts';

/** Whether the store answers that the flags or the config file name. */
export async function checkStorage(storage: Storage): Promise<Check> {
  const name = 'storage';
  if (storage.features.durable === 'no') {
    const detail = 'memory: what a session saves ends with it';
    return { name, state: 'off', detail, fix: 'Give --storage FOLDER or --redis URL to keep it.' };
  }
  try {
    const workflows = await storage.list('workflows');
    return { name, state: 'ok', detail: `${storage.name} answers, with ${workflows.length} workflows` };
  } catch (error) {
    const fix =
      storage.name === 'redis'
        ? 'Start the server, and check the address after --redis.'
        : 'Check the folder after --storage.';
    return { name, state: 'failed', detail: messageOf(error), fix };
  }
}
