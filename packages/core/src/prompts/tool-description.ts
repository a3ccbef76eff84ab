/**
 * What the model is told of a session, for those of the four namespaces it has. It describes behaviour every executor
 * has; the tools themselves are described by `describeCodeTool`.
 */
export function toolDescription(namespaces: readonly string[]): string {
  const has = new Set(namespaces);
  const parts = [runs(has), habit(has), ...(has.has('tools') ? [calls] : []), keeping(has), ending];
  return parts.filter((part) => part !== '').join('\n\n');
}

const opening =
  'Runs Python code in a session: variables, imports and functions persist between runs. The value of the last expression is the result; print() shows progress. Top-level await works.';

function runs(has: ReadonlySet<string>): string {
  const batch = has.has('tools')
    ? ' Do as much as you can in one run: loop over calls, filter in Python, and return only what you need.'
    : '';
  return opening + batch;
}

function habit(has: ReadonlySet<string>): string {
  const tools = has.has('tools');
  const workflows = has.has('workflows');
  if (!workflows) return '';
  return numbered([
    `Search: workflows.search("what to do")${tools ? ', tools.search("what to do")' : ''}.`,
    'If a workflow fits, use it: workflows.invoke("name", arg=...).',
    `Else write code${tools ? ' that calls tools' : ''}.`,
    'Save code that worked and will be useful again: workflows.create("name", source, "what it does"); source defines run(...).',
  ]);
}

const calls = `tools.NAME(arg=...) is a plain call: keyword arguments in, data out. To see what there is: tools.list(), tools.search("words"), tools.describe("NAME") for a stub with types.
To run calls at the same time: await asyncio.gather(tools.a(x=1), tools.b(y=2)); tools.NAME.aio(...) is an awaitable too.
A call that fails raises ToolError; read its message, then mend the arguments or try another way.`;

function keeping(has: ReadonlySet<string>): string {
  return [
    ...(has.has('artifacts')
      ? ['artifacts.save("name", data), artifacts.load("name") and artifacts.list() keep data beyond this session.']
      : []),
    ...(has.has('deps') ? ['deps.add("pandas") installs a package.'] : []),
  ].join('\n');
}

const ending =
  'display(x) shows images and tables, and matplotlib figures show by themselves. When a result says that the state was lost, import and define again what you need.';

function numbered(steps: string[]): string {
  return steps.map((step, index) => `${index + 1}. ${step}`).join('\n');
}

/** The text for a session with all four namespaces. */
export const TOOL_DESCRIPTION: string = toolDescription(['tools', 'workflows', 'artifacts', 'deps']);
