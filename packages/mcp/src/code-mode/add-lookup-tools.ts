import type { ArtifactEntry, ToolEntry } from '@code-mode/core';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Connection } from '../connection.ts';
import { artifactText, isText, readArtifact } from '../library/read-artifact.ts';
import { errorReply, jsonReply } from '../tool-reply.ts';

const TOOLS = z.object({
  tools: z.array(z.object({ name: z.string(), signature: z.string().optional(), description: z.string().optional() })),
});
const ARTIFACT = z.object({
  name: z.string(),
  type: z.string(),
  description: z.string(),
  size: z.number(),
  mime_type: z.string(),
  created_at: z.string(),
});
const READ = { readOnlyHint: true, openWorldHint: false };
/** Text that one `read_artifact` gives, in characters. */
const READ_CHARS = 20_000;

/** Looking up tools and artifacts. */
export function addLookupTools(connection: Connection): void {
  addToolTools(connection);
  addArtifactTools(connection);
}

function addToolTools({ server, host }: Connection): void {
  const { tools } = host.codeMode.session;
  const reply = (found: readonly ToolEntry[]) => jsonReply([...found], { tools: [...found] });
  server.registerTool(
    'list_tools',
    {
      title: 'List tools',
      description: 'Lists what Python can call in run_code as tools.NAME(arg=...).',
      inputSchema: z.object({}),
      outputSchema: TOOLS,
      annotations: READ,
    },
    async () => reply(await tools.list()),
  );
  server.registerTool(
    'search_tools',
    {
      title: 'Search tools',
      description: 'Finds tools that Python can call for a task, best first.',
      inputSchema: z.object({
        query: z.string().describe('What to do, in a few words.'),
        limit: z.number().int().positive().optional().describe('At most so many; 10 without it.'),
      }),
      outputSchema: TOOLS,
      annotations: READ,
    },
    async ({ query, limit = 10 }) => reply(await tools.search(query, limit)),
  );
  server.registerTool(
    'describe_tool',
    {
      title: 'Describe a tool',
      description: 'Shows the Python stub of a tool: its arguments with their types, and what it returns.',
      inputSchema: z.object({ name: z.string().describe('Name of the tool.') }),
      outputSchema: z.object({ stub: z.string() }),
      annotations: READ,
    },
    async ({ name }) => {
      const stub = await tools.describe(name);
      return { content: [{ type: 'text', text: stub }], structuredContent: { stub } };
    },
  );
}

function addArtifactTools({ server, host }: Connection): void {
  const { artifacts } = host.codeMode.session;
  server.registerTool(
    'list_artifacts',
    {
      title: 'List artifacts',
      description: 'Lists the saved data. Load it in run_code: artifacts.load("name").',
      inputSchema: z.object({}),
      outputSchema: z.object({ artifacts: z.array(ARTIFACT) }),
      annotations: READ,
    },
    async () => {
      const list = (await artifacts.list()).map(entryOf);
      return jsonReply(list, { artifacts: list });
    },
  );
  server.registerTool(
    'read_artifact',
    {
      title: 'Read an artifact',
      description: `Shows an artifact: text in parts of up to ${READ_CHARS} characters, images as images. Other data is loaded in run_code.`,
      inputSchema: z.object({
        name: z.string().describe('Name of the artifact.'),
        offset: z.number().int().nonnegative().optional().describe('Where to begin, in characters.'),
      }),
      annotations: READ,
    },
    async ({ name, offset = 0 }): Promise<CallToolResult> => {
      const artifact = await readArtifact(artifacts, name);
      if (typeof artifact === 'string') return errorReply(artifact);
      const { entry, bytes } = artifact;
      if (entry.mimeType.startsWith('image/'))
        return { content: [{ type: 'image', data: bytes.toString('base64'), mimeType: entry.mimeType }] };
      if (!isText(entry))
        return errorReply(
          `${name} is ${entry.mimeType} (${entry.size} bytes), no text. Load it in run_code: artifacts.load(${JSON.stringify(name)}).`,
        );
      return { content: [{ type: 'text', text: part(artifactText(bytes), offset) }] };
    },
  );
}

function part(text: string, offset: number): string {
  const end = offset + READ_CHARS;
  const rest =
    text.length > end
      ? `\n[… ${text.length - end} of ${text.length} characters follow; read on with offset ${end}]`
      : '';
  return `${text.slice(offset, end)}${rest}`;
}

function entryOf(entry: ArtifactEntry): z.infer<typeof ARTIFACT> {
  const { name, type, description, size, mimeType, createdAt } = entry;
  return { name, type, description, size, mime_type: mimeType, created_at: createdAt };
}
