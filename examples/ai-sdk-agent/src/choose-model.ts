import type { LanguageModel } from 'ai';
import { type Script, scriptedModel } from './scripted-model.ts';

/** The real model that writes the programs; undefined without a key. */
export const realModel = process.env.OPENAI_API_KEY ? (process.env.OPENAI_MODEL ?? 'gpt-5-mini') : undefined;

/** A real model when there is a key, else one that follows the script. */
export async function chooseModel(script: Script): Promise<LanguageModel> {
  if (realModel === undefined) return scriptedModel(script);
  const { openai } = await import('@ai-sdk/openai');
  return openai(realModel);
}
