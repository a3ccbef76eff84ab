import type { LanguageModel } from 'ai';
import { scriptedModel } from './scripted-model.ts';

/** The real model that writes the program; undefined without a key. */
export const realModel = process.env.OPENAI_API_KEY ? (process.env.OPENAI_MODEL ?? 'gpt-5-mini') : undefined;

/** A real model when there is a key, else one that follows a script. */
export async function chooseModel(): Promise<LanguageModel> {
  if (realModel === undefined) return scriptedModel();
  const { openai } = await import('@ai-sdk/openai');
  return openai(realModel);
}
