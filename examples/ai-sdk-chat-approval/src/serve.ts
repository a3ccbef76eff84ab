import { once } from 'node:events';
import { realModel } from './choose-model.ts';
import { say } from './say.ts';
import { startServer } from './start-server.ts';

await using server = await startServer(Number(process.env.PORT ?? 3000));
say('demo', realModel ?? 'A scripted model writes the programs; with OPENAI_API_KEY set, a real one does.');
say('demo', `Open ${server.url} and end with Ctrl+C.`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
