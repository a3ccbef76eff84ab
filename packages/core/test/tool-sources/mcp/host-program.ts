// Run by `life.test.ts`: a host that uses MCP servers and does not close its session.
import { Session } from '../../../src/session.ts';
import { fromMcp } from '../../../src/tool-sources/mcp/index.ts';
import { bad, modern } from './servers.ts';

const env = { LOG: process.env.LOG ?? '' };
const servers = { modern: { ...modern(), env }, bad: { ...bad(), env } };
const session = new Session({ tools: [fromMcp({ servers })] });
const { status } = await session.run('tools.modern.pid() + tools.bad.pid()');
console.log(status);
if (process.argv[2] === 'exit') process.exit(7);
if (process.argv[2] === 'kill me') process.kill(process.pid, 'SIGKILL');
