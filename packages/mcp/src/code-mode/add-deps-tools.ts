import type { Session } from '@code-mode/core';
import { z } from 'zod';
import type { Connection } from '../connection.ts';
import { jsonReply } from '../tool-reply.ts';
import { changeLibrary, pythonText } from './change-library.ts';

const CHANGE = z.object({ dependencies: z.array(z.string()).describe('All packages that are asked for now.') });

/** Listing the packages, and where Python may change them, adding and removing. */
export function addDepsTools(connection: Connection): void {
  const { server, host, client } = connection;
  const { deps } = host.codeMode.session;
  const now = async () => {
    const dependencies = await deps.list();
    // Python that runs already sees the change too, where it is known whose it is.
    await Promise.all((client?.openSessions() ?? []).map((session: Session) => session.deps.sync()));
    return jsonReply(dependencies, { dependencies });
  };
  server.registerTool(
    'list_deps',
    {
      title: 'List packages',
      description: 'Lists the Python packages that were asked for.',
      inputSchema: z.object({}),
      outputSchema: CHANGE,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async () => {
      const dependencies = await deps.list();
      return jsonReply(dependencies, { dependencies });
    },
  );
  if (!host.runtimeDeps) return;
  server.registerTool(
    'add_dep',
    {
      title: 'Add a package',
      description: 'Installs a Python package, for this session and later ones.',
      inputSchema: z.object({ package: z.string().describe('Such as pandas or "pandas>=2,<3".') }),
      outputSchema: CHANGE,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    },
    async (args, ctx) =>
      await changeLibrary({ call: `deps.add(${pythonText(args.package)})\nNone` }, now, connection, ctx),
  );
  server.registerTool(
    'remove_dep',
    {
      title: 'Remove a package',
      description: 'Removes a Python package that was added.',
      inputSchema: z.object({ package: z.string().describe('Name of the package.') }),
      outputSchema: CHANGE,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    async (args, ctx) =>
      await changeLibrary({ call: `deps.remove(${pythonText(args.package)})\nNone` }, now, connection, ctx),
  );
}
