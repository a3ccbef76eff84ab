import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, type BaseMessage, fakeModel } from 'langchain';

/** A real model when OPENAI_API_KEY is set, else one that always writes the same program. */
export async function chooseModel(): Promise<BaseChatModel> {
  if (!process.env.OPENAI_API_KEY) return scriptedModel();
  const { ChatOpenAI } = await import('@langchain/openai');
  return new ChatOpenAI({ model: process.env.OPENAI_MODEL ?? 'gpt-5-mini' });
}

const PROGRAM = `
print("today is", tools.clock.today().strip())
workflows.days_until_new_year()
`;

function scriptedModel(): BaseChatModel {
  return fakeModel()
    .respondWithTools([{ name: 'runCode', args: { code: PROGRAM.trim() }, id: 'call-1' }])
    .respond((messages: BaseMessage[]) => {
      const days = /Result: (\d+)/u.exec(messages.at(-1)?.text ?? '')?.[1];
      return new AIMessage(`There are ${days} days left until New Year.`);
    });
}
