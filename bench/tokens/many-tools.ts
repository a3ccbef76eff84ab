import { defineTool, type JsonSchema, type Tool } from '@code-mode/core';

/** Tools as MCP servers bring them: grouped by service, three or four parameters, a sentence or two. */
export function manyTools(count: number): Tool[] {
  const all = services.flatMap((service) =>
    things.flatMap((thing) => actions.map((action) => ({ service, thing, action }))),
  );
  return Array.from({ length: count }, (_, index) => {
    const { service, thing, action } = all[index % all.length] as (typeof all)[number];
    // Beyond the combinations, one more service of each kind.
    const copy = Math.floor(index / all.length);
    return defineTool({
      name: `${service}${copy === 0 ? '' : copy + 1}.${action.verb}_${thing}`,
      description: action.describe(thing, service),
      input: action.input(thing),
      execute: () => null,
    });
  });
}

/** Number of tools a session of its own would have: one service after the other. */
const services = [
  'github',
  'jira',
  'slack',
  'stripe',
  'salesforce',
  'hubspot',
  'notion',
  'zendesk',
  'shopify',
  'sentry',
];
const things = ['issue', 'project', 'comment', 'invoice', 'customer', 'order', 'message', 'channel', 'page', 'report'];

interface Action {
  verb: string;
  describe(thing: string, service: string): string;
  input(thing: string): JsonSchema;
}

const text = (description: string) => ({ type: 'string', description });

const actions: Action[] = [
  {
    verb: 'list',
    describe: (thing, service) => `Lists ${thing}s in ${service}. Returns the newest first, a page at a time.`,
    input: () => ({
      type: 'object',
      properties: {
        query: text('Words to look for.'),
        state: { type: 'string', enum: ['open', 'closed', 'all'], default: 'open' },
        limit: { type: 'integer', minimum: 1, maximum: 100, default: 20, description: 'How many to return.' },
        cursor: text('Where the last page ended.'),
      },
      additionalProperties: false,
    }),
  },
  {
    verb: 'get',
    describe: (thing, service) => `Gets one ${thing} from ${service} with all its fields.`,
    input: (thing) => ({
      type: 'object',
      properties: {
        id: text(`The id of the ${thing}.`),
        fields: { type: 'array', items: { type: 'string' }, description: 'Which fields to return; all by default.' },
      },
      required: ['id'],
      additionalProperties: false,
    }),
  },
  {
    verb: 'create',
    describe: (thing, service) => `Creates a ${thing} in ${service} and returns it.`,
    input: (thing) => ({
      type: 'object',
      properties: {
        title: text(`The title of the ${thing}.`),
        body: text('Markdown.'),
        labels: { type: 'array', items: { type: 'string' } },
        assignee: text('Login of whoever is to look after it.'),
      },
      required: ['title'],
      additionalProperties: false,
    }),
  },
  {
    verb: 'update',
    describe: (thing, service) => `Changes a ${thing} in ${service}. Fields that are not given stay as they are.`,
    input: (thing) => ({
      type: 'object',
      properties: {
        id: text(`The id of the ${thing}.`),
        title: text('The new title.'),
        state: { type: 'string', enum: ['open', 'closed'] },
        notify: { type: 'boolean', default: true, description: 'Whether to tell the people who follow it.' },
      },
      required: ['id'],
      additionalProperties: false,
    }),
  },
  {
    verb: 'delete',
    describe: (thing, service) => `Deletes a ${thing} from ${service} for good.`,
    input: (thing) => ({
      type: 'object',
      properties: { id: text(`The id of the ${thing}.`), reason: text('For the audit log.') },
      required: ['id'],
      additionalProperties: false,
    }),
  },
];
