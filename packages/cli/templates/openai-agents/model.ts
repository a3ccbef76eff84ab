import { type AgentOutputItem, type Model, setTracingDisabled, Usage } from '@openai/agents';

/** A real model when OPENAI_API_KEY is set, else one that always writes the same program. */
export function chooseModel(): Model | string {
  if (process.env.OPENAI_API_KEY) return process.env.OPENAI_MODEL ?? 'gpt-5-mini';
  // Without a key there is nobody to send traces to.
  setTracingDisabled(true);
  return scriptedModel;
}

const PROGRAM = `
print("today is", tools.clock.today().strip())
workflows.days_until_new_year()
`;

const scriptedModel: Model = {
  getResponse: async ({ input }) => {
    const days = /Result: (\d+)/u.exec(JSON.stringify(input))?.[1];
    return { usage: new Usage(), output: [days === undefined ? program : answer(days)] };
  },
  getStreamedResponse: () => {
    throw new Error('The scripted model does not stream.');
  },
};

const program: AgentOutputItem = {
  type: 'function_call',
  callId: 'call-1',
  name: 'runCode',
  arguments: JSON.stringify({ code: PROGRAM.trim() }),
  status: 'completed',
};

function answer(days: string): AgentOutputItem {
  const text = `There are ${days} days left until New Year.`;
  return { type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text }] };
}
