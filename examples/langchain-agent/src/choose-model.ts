import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { scriptedModel } from './scripted-model.ts';

/** A real model when there is a key, else one that follows a script. */
export async function chooseModel(): Promise<BaseChatModel> {
  if (!process.env.OPENAI_API_KEY) return scriptedModel();
  const { ChatOpenAI } = await import('@langchain/openai');
  return new ChatOpenAI({ model: process.env.OPENAI_MODEL ?? 'gpt-5-mini' });
}
