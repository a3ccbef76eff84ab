// What tools cost a model's context, beside plain tool definitions; see README.md.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createCodeTool, Session, type Tool } from '@code-mode/core';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { drawTable } from '../kernel/table.ts';
import { manyTools } from './many-tools.ts';

const HELP = `Usage: sh scripts/dev bench tokens [options]

  --json PATH     where the results go (default: bench/tokens/results.json)
  --help          print this text
`;

const COUNTS = [5, 50, 500, 5000];

const { values } = parseArgs({ options: { json: { type: 'string' }, help: { type: 'boolean', default: false } } });

interface Row {
  tools: number;
  /** Tokens of the definitions that a framework sends for these tools. */
  plain: number;
  /** Tokens of the one definition of `runCode`. */
  codeMode: number;
  /** What its description says of each tool. */
  says: string;
  /** Tokens of what Python prints of a search, and of the stub of the first tool it finds. */
  search: number;
  describe: number;
}

async function main(): Promise<void> {
  const rows: Row[] = [];
  for (const count of COUNTS) {
    process.stderr.write(`[bench] counting for ${count} tools\n`);
    rows.push(await measure(count));
  }
  const lines = rows.map((row) => [
    String(row.tools),
    String(row.plain),
    String(row.codeMode),
    `${(row.plain / row.codeMode).toFixed(1)}x`,
    row.says,
    String(row.search),
    String(row.describe),
  ]);
  const header = [
    'tools',
    'plain definitions',
    'runCode',
    'plain / runCode',
    'it carries',
    'one search',
    'one describe',
  ];
  process.stdout.write(`\nTokens (o200k)\n\n${drawTable([header, ...lines])}\n`);
  const path = values.json ?? fileURLToPath(new URL('./results.json', import.meta.url));
  writeFileSync(path, `${JSON.stringify({ date: new Date(), tokenizer: 'o200k_base', rows }, null, 2)}\n`);
  process.stderr.write(`[bench] results are in ${path}\n`);
}

async function measure(count: number): Promise<Row> {
  const tools = manyTools(count);
  await using session = new Session({ tools });
  const { name, inputSchema, description } = createCodeTool(session);
  const text = description();
  return {
    tools: count,
    plain: tokens(JSON.stringify(tools.map(toDefinition))),
    codeMode: tokens(JSON.stringify([toDefinition({ name, description: text, inputSchema })])),
    says: SAYS.find(([start]) => text.includes(start))?.[1] ?? 'nothing',
    search: tokens(await printed(session, 'tools.search("create an issue")')),
    describe: tokens(await printed(session, 'tools.describe(tools.search("create an issue", 1)[0]["name"])')),
  };
}

const SAYS: [string, string][] = [
  ['\nThe tools:\n', 'full stubs'],
  ['\nThe tools in short', 'signatures'],
  ['\nThe tools; ', 'names'],
  ['\nThere are ', 'how to search'],
];

/** As the chat APIs take tools. */
function toDefinition({ name, description, inputSchema }: Pick<Tool, 'name' | 'description' | 'inputSchema'>): object {
  return { type: 'function', function: { name, description, parameters: inputSchema } };
}

async function printed(session: Session, expression: string): Promise<string> {
  const result = await session.run(`print(${expression})`);
  if (result.status !== 'completed') throw new Error(`${expression}: the run ${result.status}.`);
  return result.stdout;
}

function tokens(text: string): number {
  return encode(text).length;
}

if (values.help) process.stdout.write(HELP);
else await main();
