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
    const detail = messageOf(error);
    const fix = storage.name === 'redis' ? fixForRedis(detail) : `Name a folder that can be written, ${WHERE}.`;
    return { name, state: 'failed', detail, fix };
  }
}

const WHERE = 'with the flag or in the config file';

function fixForRedis(detail: string): string {
  const [, port] = /ECONNREFUSED (?:127\.0\.0\.1|::1):(\d+)/u.exec(detail) ?? [];
  const start = port === undefined ? 'Start the server' : `Start the server with \`redis-server --port ${port}\``;
  return `${start}, or name another one, ${WHERE}.`;
}
