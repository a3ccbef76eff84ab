import { z } from 'zod';
import { defineTool } from '../../src/tool-sources/function.ts';
import type { Tool } from '../../src/tool-sources/tool.ts';

const execute = () => null;

/** Five tools as sources bring them: zod, MCP-like JSON Schema, groups, nested types. */
export const sampleTools: Tool[] = [
  defineTool({
    name: 'weather',
    description: 'Forecast for a city. Days are counted from today.',
    input: z.object({
      city: z.string().min(1),
      days: z.int().min(1).max(14).default(3),
      unit: z.enum(['C', 'F']).default('C').describe('Unit of the temperatures.'),
    }),
    output: z.object({
      city: z.string(),
      days: z.array(z.object({ date: z.iso.date(), high: z.number(), low: z.number().nullable() })),
    }),
    execute,
  }),
  defineTool({ name: 'now', description: 'The current time.', output: z.iso.datetime(), execute }),
  defineTool({
    name: 'github.issues.list',
    description: 'Lists issues of a repository.\n\nNewest first.',
    input: {
      type: 'object',
      properties: {
        repo: { type: 'string', description: 'owner/name' },
        state: { type: 'string', enum: ['open', 'closed', 'all'], default: 'open' },
        labels: { type: 'array', items: { type: 'string' } },
        since: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }], default: null },
      },
      required: ['repo'],
    },
    output: { type: 'array', items: { $ref: '#/$defs/Issue' }, $defs: { Issue: issueSchema() } },
    execute,
  }),
  defineTool({
    name: 'github.issues.create',
    description: 'Opens an issue.',
    input: {
      type: 'object',
      properties: { repo: { type: 'string' }, title: { type: 'string' }, body: { type: 'string' } },
      required: ['repo', 'title'],
    },
    output: issueSchema(),
    execute,
  }),
  defineTool({
    name: 'sql.query',
    description: 'Runs a read-only query.',
    input: {
      type: 'object',
      properties: { sql: { type: 'string' } },
      required: ['sql'],
      additionalProperties: { type: 'string' },
    },
    output: { type: 'array', items: { type: 'object', additionalProperties: { type: ['string', 'number', 'null'] } } },
    execute,
  }),
];

function issueSchema() {
  return {
    type: 'object',
    properties: {
      number: { type: 'integer' },
      title: { type: 'string' },
      state: { enum: ['open', 'closed'] },
      parent: { type: 'integer', description: 'Number of the issue it is part of.' },
    },
    required: ['number', 'title', 'state'],
  };
}
