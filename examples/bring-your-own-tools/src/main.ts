import { createCodeMode } from '@code-mode/ai-sdk';
import type { ApprovalDecision, ApprovalRequest, SessionEvent } from '@code-mode/core';
import { describeRequest } from '@code-mode/core';
import { generateText, isStepCount } from 'ai';
import { chooseModel, realModel } from './choose-model.ts';
import { judge } from './judge.ts';
import { say } from './say.ts';
import { asked, REFUSE_ABOVE } from './shipping.ts';
import { aiSdkTools } from './tools/from-ai-sdk.ts';
import { langChainTools } from './tools/from-langchain.ts';
import { mastraTools } from './tools/from-mastra.ts';
import { openMemory } from './tools/from-mcp-server.ts';
import { openAIAgentsTools } from './tools/from-openai-agents.ts';

const QUESTION = `Refund the shipping of every order that came late, unless there was a storm in its city on the day it was due.
Some refunds may be refused: go on with the others. Keep the outcome of each in the memory, as an entity named after the order, and tell me.`;

say('demo', realModel ?? 'A scripted model writes the program; with OPENAI_API_KEY set, a real one does.');
say('user', QUESTION);
await using memory = await openMemory();
const answer = await ask();
say('model', answer);
judge(answer, await memory.read());

/** The agent is the AI SDK's here; those of the other three take the same sources. */
async function ask(): Promise<string> {
  await using codeMode = createCodeMode({
    tools: [aiSdkTools, mastraTools, langChainTools, openAIAgentsTools, memory.tools],
    onApproval: (requests) => requests.map(decide),
    onEvent: tell,
  });
  // So that the description of runCode has the tools of the MCP server.
  await codeMode.session.tools.list();
  const { tools, instructions } = codeMode;
  const model = await chooseModel();
  const { text } = await generateText({ model, tools, instructions, prompt: QUESTION, stopWhen: isStepCount(15) });
  return text;
}

/** Stands for a person. */
function decide(request: ApprovalRequest): ApprovalDecision {
  const { requestId, arguments: args } = request;
  asked.push(`${args.order}: ${args.euros}`);
  const approved = Number(args.euros) <= REFUSE_ABOVE;
  const message = `Above ${REFUSE_ABOVE} euro the manager decides.`;
  say('person', `${describeRequest(request)}: ${approved ? 'yes' : `no. ${message}`}`);
  return approved ? { requestId, approved } : { requestId, approved, message };
}

function tell(event: SessionEvent): void {
  if (event.type === 'run-start') say('model', event.code);
  if (event.type === 'output') say('python', event.text);
  if (event.type !== 'run-end') return;
  const { result } = event;
  if (result.status === 'failed') say('python', result.error.traceback);
  const names = result.calls.map(({ name }) => name);
  const counts = [...new Set(names)].map((name) => `${name} ${names.filter((other) => other === name).length}×`);
  say('tools', counts.join('\n'));
}
