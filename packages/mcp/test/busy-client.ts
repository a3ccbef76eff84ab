// A client whose server runs a program that never ends. Prints the server's process id once it runs.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { BIN } from './bin-path.ts';

const transport = new StdioClientTransport({ command: process.execPath, args: [...BIN, '--no-config'] });
const client = new Client({ name: 'busy', version: '1' });
await client.connect(transport);
const code = `
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("on", flush=True)
while True:
    pass
`;
const onprogress = () => process.stdout.write(`${transport.pid}\n`);
await client.callTool({ name: 'run_code', arguments: { code } }, { onprogress }).catch(() => {});
// Only the end of its process ends it.
await new Promise(() => setInterval(() => {}, 60_000));
