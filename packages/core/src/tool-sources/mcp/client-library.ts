import { CodeModeError } from '../../errors.ts';

/** Loads the MCP SDK, an optional peer. @throws CodeModeError `invalid_options` when it is not installed */
export async function clientLibrary(): Promise<ClientLibrary> {
  try {
    const [client, stdio] = await Promise.all([
      import('@modelcontextprotocol/client'),
      import('@modelcontextprotocol/client/stdio'),
    ]);
    return { ...client, getDefaultEnvironment: stdio.getDefaultEnvironment };
  } catch (cause) {
    const message =
      'fromMcp needs the package @modelcontextprotocol/client; run `npm install @modelcontextprotocol/client`, or pass a connected client.';
    throw new CodeModeError('invalid_options', message, { cause });
  }
}

export type ClientLibrary = typeof import('@modelcontextprotocol/client') &
  Pick<typeof import('@modelcontextprotocol/client/stdio'), 'getDefaultEnvironment'>;
