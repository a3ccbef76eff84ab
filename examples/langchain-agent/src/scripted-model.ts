import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, type BaseMessage, fakeModel } from 'langchain';

const PROGRAMS = [
  `
overdue = [invoice for invoice in tools.list_invoices() if invoice["daysOverdue"] > 30]
for invoice in overdue:
    print(invoice["number"], invoice["supplier"], invoice["euros"])
sum(invoice["euros"] for invoice in overdue)
`,
  `
import asyncio

async def settle(invoice):
    try:
        return await tools.pay(invoice=invoice["number"], euros=invoice["euros"])
    except PermissionError as error:
        print(f"{invoice['number']} stays open: {error}")

receipts = [receipt for receipt in await asyncio.gather(*map(settle, overdue)) if receipt]
{"paid": [receipt["invoice"] for receipt in receipts], "euros": sum(receipt["euros"] for receipt in receipts)}
`,
];

/** Writes the programs that a model wrote once, and answers with what it read last. */
export function scriptedModel(): BaseChatModel {
  const model = fakeModel();
  for (const [index, code] of PROGRAMS.entries())
    model.respondWithTools([{ name: 'runCode', args: { code: code.trim() }, id: `call-${index}` }]);
  return model.respond((messages: BaseMessage[]) => {
    const { euros } = JSON.parse(messages.at(-1)?.text.match(/\{.*\}/u)?.[0] ?? '{}');
    return new AIMessage(`I paid ${euros} euros for two invoices; B-02 stays open until two people have signed.`);
  });
}
