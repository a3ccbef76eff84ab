import { expect, it, onTestFinished } from 'vitest';
import { defineTool, Session, type SessionEvent } from '../../src/index.ts';
import { Embedder } from '../../src/search/embedder.ts';
import { HybridIndex, type HybridOptions } from '../../src/search/hybrid.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { TopicEmbedder } from './embedder.ts';

const documents = [
  { id: 'taxi', name: 'order_taxi', description: 'Books an automobile with somebody who steers it.' },
  { id: 'sweets', name: 'order_sweets', description: 'Puts a dessert into the oven.' },
  { id: 'hat', name: 'choose_hat', description: 'Says whether to take an umbrella.' },
];

function indexOf(topic: TopicEmbedder, options: HybridOptions = {}) {
  const warnings: string[] = [];
  const embedder = new Embedder(topic.embed, new MemoryStorage());
  const index = new HybridIndex({ embedder, warn: (message) => warnings.push(message), ...options });
  for (const document of documents) index.add(document);
  const find = async (query: string, limit = 10) => {
    const hits = await index.search(query, limit);
    return [hits.mode, ...hits.map(({ id }) => id)];
  };
  return { index, find, warnings };
}

it('finds by meaning what no word finds, and by both what both find first', async () => {
  const { index, find } = indexOf(new TopicEmbedder());
  expect(index.searchLexical('vehicle', 10).map(({ id }) => id)).toEqual([]);
  expect(await find('vehicle', 1)).toEqual(['hybrid', 'taxi']);
  expect(await find('order something to bake', 1)).toEqual(['hybrid', 'sweets']);
  expect(await find(' … ')).toEqual(['lexical']);
});

it('refuses a query that would keep the host busy', async () => {
  const { find } = indexOf(new TopicEmbedder());
  expect((await find('a '.repeat(500)))[0]).toBe('hybrid');
  await expect(find('a '.repeat(501))).rejects.toMatchObject({
    code: 'invalid_arguments',
    message: 'A query has at most 1000 characters; this one has 1002.',
  });
});

it('embeds what has changed and nothing else', async () => {
  const topic = new TopicEmbedder();
  const { index, find } = indexOf(topic);
  await find('vehicle');
  expect(topic.texts).toHaveLength(4);
  topic.calls.length = 0;
  index.add({ id: 'hat', name: 'choose_hat', description: 'Says whether to take an umbrella.' });
  index.add({ id: 'sweets', name: 'order_sweets', description: 'Sells a vehicle.' });
  index.remove('taxi');
  expect(await find('car', 1)).toEqual(['hybrid', 'sweets']);
  expect(topic.texts.sort()).toEqual(['car', 'order sweets: Sells a vehicle.']);
});

it('goes by words when the embedder fails, says so once, and comes back', async () => {
  const topic = new TopicEmbedder();
  const { find, warnings } = indexOf(topic, { restMs: 0 });
  topic.problem = new Error('401 Unauthorized');
  expect(await find('umbrella')).toEqual(['lexical', 'hat']);
  expect(await find('umbrella')).toEqual(['lexical', 'hat']);
  expect(warnings).toEqual(['Search goes by words alone: the embedder does not answer. 401 Unauthorized']);
  topic.problem = undefined;
  expect(await find('storm', 1)).toEqual(['hybrid', 'hat']);
  topic.problem = new Error('503');
  expect(await find('storm')).toEqual(['lexical']);
  expect(warnings).toHaveLength(2);
});

it('leaves an embedder that failed alone for a while', async () => {
  const topic = new TopicEmbedder();
  topic.problem = new Error('down');
  const { find } = indexOf(topic);
  await find('umbrella');
  const asked = topic.calls.length;
  expect(await find('umbrella')).toEqual(['lexical', 'hat']);
  expect(topic.calls).toHaveLength(asked);
});

it('does not wait for an embedder that never answers, and asks it once', async () => {
  const topic = new TopicEmbedder();
  topic.silent = true;
  const { find, warnings } = indexOf(topic, { waitMs: 20 });
  expect(await find('umbrella')).toEqual(['lexical', 'hat']);
  const asked = topic.calls.length;
  expect(await find('umbrella')).toEqual(['lexical', 'hat']);
  expect(topic.calls).toHaveLength(asked);
  expect(warnings).toEqual(['Search goes by words alone: the embedder does not answer. It took longer than 0.02 s.']);
});

const tools = [
  defineTool({ name: 'hire', description: 'Gives you an automobile.', execute: () => null }),
  defineTool({ name: 'kitchen', description: 'Makes dessert.', execute: () => null }),
];

function open(topic: TopicEmbedder | undefined, storage = new MemoryStorage()) {
  const events: SessionEvent[] = [];
  const embed = topic && { embed: topic.embed };
  const session = new Session({ storage, tools, ...embed, onEvent: (event) => events.push(event) });
  onTestFinished(() => session.close());
  const warnings = () => events.filter(({ type }) => type === 'warning');
  return { session, warnings };
}

it('finds workflows and tools by meaning in a session, from Python and from the host', async () => {
  const storage = new MemoryStorage();
  const topic = new TopicEmbedder();
  const { session } = open(topic, storage);
  const setUp = await session.run(`
workflows.create("fetch_ride", "def run(): return 1", "Calls an automobile.")
workflows.create("make_pie", "def run(): return 2", "Heats the oven.")
[workflows.search("vehicle", limit=1)[0]["name"], tools.search("vehicle", limit=1)[0]["name"]]`);
  expect(setUp).toMatchObject({ status: 'completed', result: ['fetch_ride', 'hire'] });
  const found = await session.workflows.search('cake', 1);
  expect([found.mode, ...found.map(({ name }) => name)]).toEqual(['hybrid', 'make_pie']);
  expect(JSON.stringify(await session.tools.search('cake', 1))).toBe(
    '[{"name":"kitchen","signature":"tools.kitchen() -> Any","description":"Makes dessert."}]',
  );

  const next = new TopicEmbedder();
  const later = open(next, storage);
  expect((await later.session.workflows.search('drive', 1)).map(({ name }) => name)).toEqual(['fetch_ride']);
  expect(next.texts).toEqual(['drive']);
});

it('searches by words when the embedder fails, and tells the host', async () => {
  const topic = new TopicEmbedder();
  topic.problem = new Error('no network');
  const { session, warnings } = open(topic);
  const { status } = await session.run('workflows.create("make_pie", "def run(): return 2", "Heats the oven.")');
  expect(status).toBe('completed');
  const found = await session.workflows.search('heat');
  expect([found.mode, ...found.map(({ name }) => name)]).toEqual(['lexical', 'make_pie']);
  expect((await session.tools.search('automobile')).mode).toBe('lexical');
  const message = 'Search goes by words alone: the embedder does not answer. no network';
  expect(warnings()).toContainEqual({ type: 'warning', message });
  const plain = open(undefined);
  expect((await plain.session.tools.search('automobile')).mode).toBe('lexical');
  expect(plain.warnings()).toEqual([]);
});

it('refuses an embed that is none when the session is made', () => {
  expect(() => new Session({ embed: 'openai' as never })).toThrow('embed must be an AI SDK embedding model');
});
