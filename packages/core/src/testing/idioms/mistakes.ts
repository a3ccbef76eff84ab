import type { Idiom } from '../idioms.ts';

/** Programs with the mistakes that models make: the outcome says what to write instead. */
export const mistakes: readonly Idiom[] = [
  {
    title: 'forgotten keyword name',
    code: `print("started")
tools.weather("Oslo")`,
    expect: {
      error:
        'ToolArgumentError: Line 2: tools.weather() takes keyword arguments only. Write tools.weather(city="Oslo"). Nothing has run.',
    },
  },
  {
    title: 'wrong tool name',
    code: `print("started")
tools.wether(city="Oslo")`,
    expect: {
      error: `ToolNotFoundError: Line 2: Tool 'wether' not found. Did you mean 'weather'? Its signature: tools.weather(city, units=...). Available: data, echo, fail, github, hang and 6 more. Find tools with tools.search("wether"). Nothing has run.`,
    },
  },
  {
    title: 'wrong group',
    code: 'tools.gitlab.list_issues(repo="a")',
    expect: {
      error: `ToolNotFoundError: Line 1: Tool 'gitlab' not found. Did you mean 'github'? Available: data, echo, fail, github, hang and 6 more. Find tools with tools.search("gitlab"). Nothing has run.`,
    },
  },
  {
    title: 'wrong argument name',
    code: 'tools.weather(cty="Oslo")',
    expect: {
      error:
        "ToolArgumentError: Line 1: tools.weather() has no argument 'cty'. Did you mean 'city'? Its signature: tools.weather(city, units=...). Nothing has run.",
    },
  },
  {
    title: 'missing argument',
    code: 'tools.weather()',
    expect: {
      error:
        "ToolArgumentError: Line 1: tools.weather() is missing the required argument 'city'. Its signature: tools.weather(city, units=...). Nothing has run.",
    },
  },
  {
    title: 'value outside an enum',
    code: 'tools.weather(city="Oslo", units="K")',
    expect: {
      error: 'ToolArgumentError: tools.weather(units=…): units must be "C" or "F", got "K" (str)',
      calls: ['tools.weather failed'],
    },
  },
  {
    title: 'a wrong name that only the run can know',
    code: `name = "wether"
getattr(tools, name)(city="Oslo")`,
    expect: {
      error: `ToolNotFoundError: Tool 'wether' not found. Did you mean 'weather'? Its signature: tools.weather(city, units=...). Available: data, echo, fail, github, hang and 6 more. Find tools with tools.search("wether").`,
    },
  },
  {
    title: 'attribute access on a dict',
    code: 'tools.weather(city="Oslo").temp',
    expect: { error: "AttributeError: 'dict' object has no attribute 'temp'", calls: ['tools.weather'] },
  },
  {
    title: 'wrong key of a result',
    code: 'tools.weather(city="Oslo")["temperature"]',
    expect: { error: "KeyError: 'temperature'", calls: ['tools.weather'] },
  },
  {
    title: 'a tool without `tools.`',
    code: 'weather(city="Oslo")',
    expect: { error: "NameError: name 'weather' is not defined" },
  },
  {
    title: '%pip install',
    code: '%pip install pandas',
    expect: {
      error: 'SyntaxError: pip does not run here; write: deps.add("pandas")',
    },
  },
  {
    title: '!ls',
    code: '!ls',
    expect: {
      error:
        'SyntaxError: ! does not run shell commands here; write: import subprocess; print(subprocess.run("ls", shell=True, capture_output=True, text=True).stdout)',
    },
  },
  {
    title: 'fenced code',
    code: `\`\`\`python
x = 20
x + 1
\`\`\``,
    expect: { result: 21 },
  },
  {
    title: 'fenced code with words round it',
    code: `Here is the code:

\`\`\`python
1 + 1
\`\`\`
`,
    expect: { error: 'SyntaxError: send only the Python code, without the text around the ``` fence' },
  },
  {
    title: 'input()',
    code: 'name = input("Your name: ")',
    expect: {
      error:
        'RuntimeError: input() cannot be used: nobody is at the keyboard. Put the value in the code, or call a tool.',
    },
  },
  {
    title: 'exit()',
    code: `print("before")
exit()
print("after")`,
    expect: { stdout: 'before\n' },
  },
  {
    title: 'sys.exit(1)',
    code: `import sys
sys.exit(1)`,
    expect: { error: 'SystemExit: The code stopped by exit(1). The session and its variables are still there.' },
  },
  {
    title: 'return at the top level',
    code: `x = 1
return x`,
    expect: { error: "SyntaxError: 'return' outside function" },
  },
  {
    title: 'unclosed bracket',
    code: 'x = [1, 2',
    expect: { error: "SyntaxError: '[' was never closed" },
  },
  {
    title: 'indented code',
    code: `    x = 1
    x + 1`,
    expect: { result: 2 },
  },
  {
    title: 'JSON words in Python',
    code: 'data = {"ok": true, "none": null}',
    expect: {
      error: "NameError: name 'true' is not defined\nJSON's true, false and null are True, False and None in Python.",
    },
  },
  {
    title: 'a module that was never imported',
    code: 'np.array([1])',
    expect: { error: "NameError: name 'np' is not defined" },
  },
  {
    title: 'a module that is not installed',
    code: 'import nosuchmodule',
    expect: { error: "ModuleNotFoundError: No module named 'nosuchmodule'" },
  },
  {
    title: 'print without parentheses',
    code: 'print "hi"',
    expect: { error: "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?" },
  },
  {
    title: 'an expression of a loop is no result',
    code: `for n in range(3):
    n`,
    expect: {},
  },
  {
    title: 'forgotten await of an own coroutine',
    code: `async def get(): return 1
get()`,
    expect: {
      result: {
        $object: {
          type: 'coroutine',
          repr: '<coroutine object get at 0x…>',
          how: 'This coroutine has not run. Write `await` in front of the call.',
        },
      },
    },
  },
  {
    title: 'endless recursion',
    code: `def down(n): return down(n + 1)
down(0)`,
    expect: { error: 'RecursionError: maximum recursion depth exceeded' },
  },
  {
    title: 'a denied approval',
    code: 'tools.pay(amount=5)',
    expect: {
      error: 'ApprovalDeniedError: This call needs approval and nobody can be asked: pass `onApproval` to the session.',
      calls: ['tools.pay denied'],
    },
  },
  {
    title: 'a set given to a tool',
    code: 'tools.echo(v={1, 2})',
    expect: {
      error: 'ToolArgumentError: tools.echo(v=…): v is a set; tools take JSON values. Pass list(...) instead.',
    },
  },
];
