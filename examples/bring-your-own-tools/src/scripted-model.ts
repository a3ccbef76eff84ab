import type { LanguageModel } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';

const PROGRAM = `
import asyncio

late = []
for order in tools.shop.list_orders():              # LangChain
    parcel = tools.post.track(order=order["id"])    # Mastra
    if parcel["daysLate"] > 0:
        late.append(order)

weather = await asyncio.gather(*(
    tools.meteo.weather(city=order["city"], day=order["due"]) for order in late))    # AI SDK
ours = [order for order, that_day in zip(late, weather) if not that_day["storm"]]
print(f"{len(late)} came late, {len(ours)} of them without a storm")

async def settle(order):
    try:
        payment = await tools.bank.refund(order=order["id"], euros=order["shipping"])    # OpenAI Agents
        return f"{order['shipping']} euro refunded with {payment}"
    except PermissionError as error:
        return f"{order['shipping']} euro not refunded: {error}"

outcomes = dict(zip((order["id"] for order in ours), await asyncio.gather(*map(settle, ours))))
tools.memory.create_entities(entities=[             # MCP
    {"name": id, "entityType": "order", "observations": [outcome]} for id, outcome in outcomes.items()])
for id, outcome in outcomes.items():
    print(f"{id}: {outcome}")
`;

type Generated = Awaited<ReturnType<MockLanguageModelV4['doGenerate']>>;

const end = {
  warnings: [],
  usage: {
    inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 0, text: 0, reasoning: 0 },
  },
};

/** Writes the program that a model wrote once, and answers with what it has read. */
export function scriptedModel(): LanguageModel {
  return new MockLanguageModelV4({
    modelId: 'scripted',
    doGenerate: async ({ prompt }): Promise<Generated> => {
      const last = prompt.at(-1);
      if (last?.role !== 'tool') {
        const input = JSON.stringify({ code: PROGRAM.trim() });
        const content = [{ type: 'tool-call' as const, toolCallId: 'call-1', toolName: 'runCode', input }];
        return { ...end, content, finishReason: { unified: 'tool-calls', raw: undefined } };
      }
      const [part] = last.content;
      const read = part?.type === 'tool-result' && part.output.type === 'text' ? part.output.value : '';
      return {
        ...end,
        content: [{ type: 'text', text: answer(read) }],
        finishReason: { unified: 'stop', raw: undefined },
      };
    },
  });
}

/** The lines that tell of an order. */
function answer(read: string): string {
  return read.match(/^A-\d: .*$/gmu)?.join('\n') ?? 'I could not do it.';
}
