import type { Workflow } from '@code-mode/core';
import { z } from 'zod';
import type { Connection } from '../connection.ts';
import { errorReply, jsonReply } from '../tool-reply.ts';
import { changeLibrary, pythonText } from './change-library.ts';

const WORKFLOW = z.object({
  name: z.string(),
  description: z.string(),
  signature: z.string(),
  trust: z.string(),
  problem: z.string().optional().describe('Why it cannot be used.'),
});
const WORKFLOWS = z.object({ workflows: z.array(WORKFLOW) });
const READ = { readOnlyHint: true, openWorldHint: false };
const NAME = z.string().describe('Name of the workflow.');

/** Listing, searching, reading, saving and deleting workflows. */
export function addWorkflowTools(connection: Connection): void {
  const { server } = connection;
  const { workflows } = connection.host.codeMode.session;
  const reply = (found: readonly Workflow[]) => {
    const list = found.map(entryOf);
    return jsonReply(list, { workflows: list });
  };
  server.registerTool(
    'list_workflows',
    {
      title: 'List workflows',
      description: 'Lists the saved workflows. Call one in run_code: workflows.invoke("name", arg=...).',
      inputSchema: z.object({}),
      outputSchema: WORKFLOWS,
      annotations: READ,
    },
    async () => reply(await workflows.list()),
  );
  server.registerTool(
    'search_workflows',
    {
      title: 'Search workflows',
      description: 'Finds saved workflows for a task, best first. Search before you write code of your own.',
      inputSchema: z.object({
        query: z.string().describe('What to do, in a few words.'),
        limit: z.number().int().positive().optional().describe('At most so many; 5 without it.'),
      }),
      outputSchema: WORKFLOWS,
      annotations: READ,
    },
    async ({ query, limit = 5 }) => reply(await workflows.search(query, limit)),
  );
  server.registerTool(
    'get_workflow',
    {
      title: 'Read a workflow',
      description: 'Shows a saved workflow with its source.',
      inputSchema: z.object({ name: NAME }),
      outputSchema: WORKFLOW.extend({ source: z.string() }),
      annotations: READ,
    },
    async ({ name }) => {
      const found = await workflows.get(name);
      if (!found)
        return errorReply(`There is no workflow ${JSON.stringify(name)}. list_workflows shows what there is.`);
      const workflow = { ...entryOf(found), source: found.source };
      return jsonReply(workflow, workflow);
    },
  );
  server.registerTool(
    'create_workflow',
    {
      title: 'Save a workflow',
      description:
        'Saves Python that worked, to be found by search and called by name. The source defines run(...), with type hints and a docstring: async def run(city: str) -> dict: ... It may call tools, workflows and artifacts.',
      inputSchema: z.object({
        name: z.string().describe('A Python name, such as fetch_page.'),
        source: z.string().describe('Python source that defines run(...).'),
        description: z.string().describe('What it does, in a sentence.'),
      }),
      outputSchema: WORKFLOW,
      annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
    },
    async (args, ctx) => {
      const { name, source, description } = args;
      const call = `workflows.create(${[name, source, description].map(pythonText).join(', ')})\nNone`;
      const saved = async () => {
        const found = await workflows.get(name);
        if (!found) return errorReply(`The workflow ${JSON.stringify(name)} was deleted at once by somebody else.`);
        const workflow = entryOf(found);
        return jsonReply(workflow, workflow);
      };
      return await changeLibrary({ call }, saved, connection, ctx);
    },
  );
  server.registerTool(
    'delete_workflow',
    {
      title: 'Delete a workflow',
      description:
        'Deletes a saved workflow; answers true, or false when there was none. Its versions stay in the history.',
      inputSchema: z.object({ name: NAME }),
      outputSchema: z.object({ deleted: z.boolean() }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    async (args, ctx) => {
      const call = `workflows.delete(${pythonText(args.name)})`;
      return await changeLibrary({ call }, (deleted) => jsonReply(deleted, { deleted }), connection, ctx);
    },
  );
}

function entryOf({ name, description, signature, trust, problem }: Workflow): z.infer<typeof WORKFLOW> {
  return { name, description, signature, trust, ...(problem !== undefined && { problem }) };
}
