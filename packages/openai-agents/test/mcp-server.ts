import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

/** A server to be started by a test: `node mcp-server.ts`. */
serveStdio(() => {
  const server = new McpServer({ name: 'cities', version: '1.0.0' });
  const inputSchema = z.object({ city: z.string() });
  server.registerTool(
    'population',
    { description: 'Inhabitants.', inputSchema, annotations: { readOnlyHint: true } },
    ({ city }, context) => ({
      content: [{ type: 'text', text: 'see structured content' }],
      structuredContent: { city, count: 717_710, asked: context.mcpReq._meta?.asked },
    }),
  );
  server.registerTool('broken', { description: 'Fails.', inputSchema }, ({ city }) => ({
    content: [{ type: 'text', text: `no data for ${city}` }],
    isError: true,
  }));
  server.registerTool('hidden', { description: 'Not for everybody.', inputSchema }, () => ({
    content: [{ type: 'text', text: 'secret' }],
  }));
  return server;
});
