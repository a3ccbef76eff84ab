import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, type BaseMessage, ToolMessage } from '@langchain/core/messages';

/*
 * In a documentation snippet `@langchain/openai` is this file: a model that calls `runCode` once for each question, with
 * the Python block of the page, and then says what it got.
 */
export class ChatOpenAI extends BaseChatModel {
  constructor(_options: { model: string }) {
    super({});
  }

  override _llmType(): string {
    return 'scripted';
  }

  override bindTools(): this {
    return this;
  }

  override async _generate(messages: BaseMessage[]) {
    const last = messages.at(-1);
    const message = ToolMessage.isInstance(last)
      ? new AIMessage(last.text)
      : new AIMessage({
          content: '',
          tool_calls: [
            { id: `call-${messages.length}`, name: 'runCode', args: { code: process.env.MODEL_WRITES ?? '' } },
          ],
        });
    return { generations: [{ text: message.text, message }] };
  }
}
