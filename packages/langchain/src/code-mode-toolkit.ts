import { BaseToolkit } from '@langchain/core/tools';
import { type CreateCodeModeOptions, createCodeMode } from './create-code-mode.ts';

/** Code mode as a LangChain toolkit: `new CodeModeToolkit({ tools }).getTools()`. Close its `codeMode`. */
export class CodeModeToolkit extends BaseToolkit {
  readonly codeMode;
  readonly tools;

  /** @throws CodeModeError `invalid_options` */
  constructor(options: CreateCodeModeOptions = {}) {
    super();
    this.codeMode = createCodeMode(options);
    this.tools = this.codeMode.tools;
  }
}
