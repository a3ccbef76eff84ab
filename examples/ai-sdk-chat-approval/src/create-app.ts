import { fileURLToPath } from 'node:url';
import { type CodeMode, createCodeMode } from '@code-mode/ai-sdk';
import { serveStatic } from '@hono/node-server/serve-static';
import { createUIMessageStreamResponse, type LanguageModel, type ToolSet } from 'ai';
import { Hono } from 'hono';
import { csrf } from 'hono/csrf';
import { secureHeaders } from 'hono/secure-headers';
import { z } from 'zod';
import { Conversation } from './conversation.ts';
import { script } from './script.ts';

const PAGE = fileURLToPath(new URL('../page', import.meta.url));

/** What the page sends: a question, or the answer to an approval request. */
const Message = z.union([
  z.object({ text: z.string().trim().min(1).max(10_000) }),
  z.object({ approvalId: z.string(), approved: z.boolean() }),
]);

/** The page, and one address for each conversation. */
export function createApp(model: LanguageModel, tools: ToolSet): { app: Hono; codeMode: CodeMode } {
  const conversations = new Map<string, Conversation>();
  const codeMode = createCodeMode({
    tools,
    sessionKey: ({ context }) => (context as { conversation: string }).conversation,
    sessionOptions: (key) => ({ onEvent: (event) => conversations.get(key)?.tell(event) }),
  });

  const app = new Hono();
  // Images are data URLs; nothing else is loaded from anywhere.
  app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'self'"], imgSrc: ["'self'", 'data:'] } }));
  app.use(csrf());
  app.get('/questions', (c) => c.json(script.map(({ question }) => question)));
  // Whoever knows the name of a conversation is in it, so it must be one that nobody guesses.
  app.post('/conversations/:id{[0-9a-f-]{36}}', async (c) => {
    const { success, data } = Message.safeParse(await c.req.json().catch(() => undefined));
    if (!success) return c.text('Send { text } or { approvalId, approved } as JSON.', 400);
    const id = c.req.param('id');
    const conversation = conversations.get(id) ?? new Conversation(id, model, codeMode);
    conversations.set(id, conversation);
    const { signal } = c.req.raw;
    const stream =
      'text' in data
        ? conversation.ask(data.text, signal)
        : conversation.decide(data.approvalId, data.approved, signal);
    if (stream) return createUIMessageStreamResponse({ stream });
    return c.text('text' in data ? 'Wait for the answer first.' : 'This approval is not asked for.', 409);
  });
  app.use(serveStatic({ root: PAGE }));
  return { app, codeMode };
}
