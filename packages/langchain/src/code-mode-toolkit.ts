import { BaseToolkit } from '@langchain/core/tools';
import { type CodeMode, type CreateCodeModeOptions, createCodeMode } from './create-code-mode.ts';

/** Code mode as a LangChain toolkit: `new CodeModeToolkit({ tools }).getTools()`. */
export class CodeModeToolkit extends BaseToolkit implements AsyncDisposable {
  readonly codeMode: CodeMode;
  readonly tools: CodeMode['tools'];

  /** @throws CodeModeError `invalid_options` */
  constructor(options: CreateCodeModeOptions = {}) {
    super();
    this.codeMode = createCodeMode(options);
    this.tools = this.codeMode.tools;
  }

  override getTools(): CodeMode['tools'] {
    return this.tools;
  }

  /** Ends Python. Safe to call twice. */
  async close(): Promise<void> {
    await this.codeMode.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
