// A server with the SDK v2: over stdio when it is run, over HTTP when a test mounts `makeServer`.
import { fileURLToPath } from 'node:url';
import { inputRequired, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

export function makeServer(): McpServer {
  const server = new McpServer(
    { name: 'modern', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true } } },
  );
  const reply = (text: string) => ({ content: [{ type: 'text' as const, text }] });
  server.registerTool(
    'add',
    {
      title: 'Addition',
      description: 'Adds two numbers.',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ a, b }) => ({ ...reply(String(a + b)), structuredContent: { sum: a + b } }),
  );
  server.registerTool('pid', { inputSchema: z.object({}) }, () => reply(String(process.pid)));
  server.registerTool('grow', { inputSchema: z.object({}) }, () => {
    server.registerTool('grown', { inputSchema: z.object({}) }, () => reply('new'));
    return reply('done');
  });
  server.registerTool('much', { inputSchema: z.object({ megabytes: z.number() }) }, ({ megabytes }) =>
    reply('x'.repeat(megabytes * 2 ** 20)),
  );
  server.registerTool('fail', { inputSchema: z.object({}) }, () => ({
    ...reply('no such repository'),
    structuredContent: { status: 404 },
    isError: true,
  }));
  server.registerTool('ask', { inputSchema: z.object({}) }, () =>
    inputRequired({
      inputRequests: {
        name: inputRequired.elicit({ message: 'Who?', requestedSchema: z.object({ name: z.string() }) }),
      },
    }),
  );
  server.registerTool('wait', { inputSchema: z.object({}) }, async (_, { mcpReq }) => {
    console.error('waiting');
    await new Promise((resolve) => mcpReq.signal.addEventListener('abort', resolve));
    console.error('cancelled');
    return reply('cancelled');
  });
  server.registerTool('media', { inputSchema: z.object({}) }, () => ({
    content: [
      { type: 'text', text: 'a song and a picture' },
      { type: 'audio', data: 'AQI=', mimeType: 'audio/wav' },
      { type: 'resource', resource: { uri: 'f:p', mimeType: 'image/png', blob: 'AwQ=' } },
    ],
    structuredContent: { title: 'Song' },
  }));
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serveStdio(makeServer);
