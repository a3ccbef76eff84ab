import type { AgentOutputItem, Model } from '@openai/agents';
import { Usage } from '@openai/agents';

/** The real model that writes the programs; undefined without a key. */
export const realModel = process.env.OPENAI_API_KEY ? (process.env.OPENAI_MODEL ?? 'gpt-5-mini') : undefined;

/** A real model when there is a key, else one that follows the script. */
export function chooseModel(): Model | string {
  return realModel ?? scriptedModel;
}

const PROGRAMS = [
  `
orders = tools.list_orders()
broken = [order for order in orders if "broken" in order["note"]]
for order in broken:
    print(order["id"], order["total"])
`,
  `
import asyncio

async def refund(order):
    try:
        return await tools.refund.aio(id=order["id"], amount=order["total"])
    except Exception as error:
        return f"not made: {error}"

outcomes = await asyncio.gather(*(refund(order) for order in broken))
report = [f"{order['id']} ({order['total']}): {outcome}" for order, outcome in zip(broken, outcomes)]
print("\\n".join(report))
`,
];

/** Writes each program in turn, and then says what it read last. */
const scriptedModel: Model = {
  getResponse: async ({ input }) => {
    const read = (typeof input === 'string' ? [] : input).flatMap((item) =>
      item.type === 'function_call_result' && typeof item.output === 'object' && 'text' in item.output
        ? item.output.text
        : [],
    );
    const code = PROGRAMS[read.length]?.trim();
    return { usage: new Usage(), output: [code === undefined ? answer(read) : call(`call-${read.length}`, code)] };
  },
  getStreamedResponse: () => {
    throw new Error('The scripted model does not stream.');
  },
};

function call(callId: string, code: string): AgentOutputItem {
  return { type: 'function_call', callId, name: 'runCode', arguments: JSON.stringify({ code }), status: 'completed' };
}

function answer(read: string[]): AgentOutputItem {
  const text = `This is what became of the refunds:\n${read.at(-1)}`;
  return { type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text }] };
}
