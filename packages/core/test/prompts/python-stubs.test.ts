import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pythonLiteral } from '../../src/prompts/python-literal.ts';
import { pythonStubs } from '../../src/prompts/python-stubs.ts';
import { pythonPath, toSignature } from '../../src/tool-sources/python-names.ts';
import type { Tool } from '../../src/tool-sources/tool.ts';
import { sampleTools } from './sample-tools.ts';

const python = process.env.CODE_MODE_PYTHON ?? 'python3';

/** Compiles texts in one Python, with warnings as errors, and says what else than declarations is in them. */
function checkInPython(texts: string[]): unknown {
  const program = `
import ast, json, sys, warnings
warnings.simplefilter("error")
declarations = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.arguments, ast.arg, ast.AnnAssign, ast.Assign, ast.Name, ast.Load, ast.Store,
    ast.Constant, ast.Expr, ast.Subscript, ast.Tuple, ast.BinOp, ast.BitOr, ast.List, ast.Dict, ast.UnaryOp, ast.USub, ast.keyword, ast.Attribute)
faults = []
for text in json.load(sys.stdin):
    try:
        tree = ast.parse(text)
        compile(tree, "stub", "exec")
    except (SyntaxError, ValueError) as error:
        faults.append([repr(error), text])
        continue
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "TypedDict":
            continue
        if not isinstance(node, declarations):
            faults.append([type(node).__name__, text])
print(json.dumps(faults[:5]))`;
  return JSON.parse(execFileSync(python, ['-c', program], { input: JSON.stringify(texts), encoding: 'utf8' }));
}

function tool(name: string, inputSchema: object, rest: Partial<Tool> = {}): Tool {
  return {
    name,
    description: 'Does it.',
    inputSchema: { type: 'object', ...inputSchema },
    annotations: {},
    execute: () => 0,
    ...rest,
  };
}

/** The type of one argument. */
function typeOf(schema: unknown, root: object = {}): string {
  const text = pythonStubs([tool('t', { ...root, properties: { a: schema }, required: ['a'] })], 'full');
  return /\(\*, a: (.*)\) -> Any:/u.exec(text)?.[1] ?? text;
}

describe('types', () => {
  it.each([
    [{ type: 'string' }, 'str'],
    [{ type: 'integer' }, 'int'],
    [{ type: 'number' }, 'float'],
    [{ type: 'boolean' }, 'bool'],
    [{ type: 'null' }, 'None'],
    [{}, 'Any'],
    [true, 'Any'],
    [{ type: 'array' }, 'list'],
    [{ type: 'array', items: { type: 'string' } }, 'list[str]'],
    [{ type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false }, 'tuple[str, int]'],
    [{ type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'integer' } }, 'list[str | int]'],
    [{ type: 'object' }, 'dict'],
    [{ type: 'object', additionalProperties: { type: 'number' } }, 'dict[str, float]'],
    [{ type: ['string', 'null', 'integer'] }, 'str | int | None'],
    [{ type: 'string', nullable: true }, 'str | None'],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }, { type: 'string', format: 'uri' }] }, 'str | None'],
    [{ oneOf: [{ type: 'integer' }, {}] }, 'Any'],
    [{ enum: ['a', 'b | None', 1, true, null] }, 'Literal["a", "b | None", 1, True] | None'],
    [{ enum: [1.5, 2] }, 'float | int'],
    [{ enum: Array.from({ length: 40 }, (_, index) => `v${index}`) }, 'str'],
    [{ const: 'on' }, 'Literal["on"]'],
    [{ allOf: [{ description: 'x' }, { type: 'integer' }] }, 'int'],
    [{ $ref: '#/$defs/Missing' }, 'Any'],
  ])('%j is %s', (schema, expected) => {
    expect(typeOf(schema)).toBe(expected);
  });

  it('follows $ref, also in circles', () => {
    const $defs = {
      Loop: { $ref: '#/$defs/Loop' },
      Json: { anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#/$defs/Json' } }] },
      Node: {
        type: 'object',
        properties: { next: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] } },
        required: ['next'],
      },
    };
    expect(typeOf({ $ref: '#/$defs/Loop' }, { $defs })).toBe('Any');
    expect(typeOf({ $ref: '#/$defs/Json' }, { $defs })).toBe('str | list');
    expect(
      pythonStubs([tool('t', { $defs, properties: { a: { $ref: '#/$defs/Node' } } })], 'full'),
    ).toBe(`class Node(TypedDict):
    next: Node | None

class tools:
    def t(*, a: Node = ...) -> Any: """Does it."""`);
  });

  it('stays small where definitions use each other many times', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => {
        const next = { $ref: `#/$defs/D${index + 1}` };
        return [
          `D${index}`,
          { anyOf: [next, { type: 'array', items: next }, { type: 'object', properties: { a: next, b: next } }] },
        ];
      }),
    );
    // Written out level by level, it would take longer than any test may.
    expect(pythonStubs([tool('t', { $defs, properties: { a: { $ref: '#/$defs/D0' } } })], 'full').length).toBeLessThan(
      100_000,
    );
  });
});

it('writes nested objects as classes, equal ones once, and what types do not show as notes', () => {
  const point = {
    type: 'object',
    properties: { x: { type: 'number', minimum: -180, maximum: 180 }, y: { type: 'number' } },
    required: ['x', 'y'],
  };
  const route = tool(
    'route-plan',
    {
      properties: {
        from: point,
        to: { ...point },
        via: {
          type: 'array',
          items: { type: 'object', properties: { 'stop-id': { type: 'string' }, class: point } },
          maxItems: 5,
        },
        limit: {
          type: 'integer',
          exclusiveMinimum: 0,
          default: 10,
          description: 'Most routes to return.\nFewer is faster.',
        },
        options: {
          type: 'object',
          properties: {},
          additionalProperties: { type: 'boolean' },
          default: { tolls: false },
        },
      },
      required: ['from', 'to'],
    },
    {
      description: 'Plans a route. "Fast"',
      outputSchema: { type: 'object', properties: { km: { type: 'number' } }, description: 'The best route.' },
    },
  );
  expect(pythonStubs([route], 'full')).toMatchInlineSnapshot(`
    "class RoutePlanFrom(TypedDict):
        x: float  # -180 to 180
        y: float

    RoutePlanViaItem = TypedDict("RoutePlanViaItem", {
        "stop-id": NotRequired[str],
        "class": NotRequired[RoutePlanFrom],
    })

    class RoutePlanResult(TypedDict):
        km: NotRequired[float]

    class tools:
        def route_plan(*, from_: RoutePlanFrom, to: RoutePlanFrom, via: list[RoutePlanViaItem] = ..., limit: int = 10, options: dict[str, bool] = {"tolls": False}) -> RoutePlanResult:
            """Plans a route. "Fast"

            Args:
                via: at most 5 items
                limit: Most routes to return. Fewer is faster. (> 0)

            Returns: The best route.
            """"
  `);
  expect(pythonStubs([route], 'summary')).toMatchInlineSnapshot(`
    "class tools:
        def route_plan(*, from_: dict, to: dict, via: list[dict] = ..., limit: int = 10, options: dict[str, bool] = {"tolls": False}) -> dict: """Plans a route.""""
  `);
  expect(pythonStubs(sampleTools, 'names')).toMatchInlineSnapshot(`
    "tools.weather
    tools.now
    tools.github.issues.list
    tools.github.issues.create
    tools.sql.query"
  `);
  expect(
    checkInPython([
      pythonStubs([route], 'full'),
      pythonStubs(sampleTools, 'full'),
      pythonStubs(sampleTools, 'summary'),
    ]),
  ).toEqual([]);
});

describe('hostile descriptions', () => {
  const attacks = [
    '"""\nimport os; os.system("x")\n"""',
    'ends with a quote"',
    'ends with quotes""',
    'ends with a backslash\\',
    '\\"""; x()',
    '\\N{nothing} \\x \\u12',
    'a\u0000b\u202ec\u200bd\ue000e\u{e0041}f\ud800g\u2028h\r\ni',
    '# not a comment\nclass x: pass',
    '',
  ];

  it('stay text', () => {
    const texts = attacks.flatMap((attack) => {
      const evil = tool(
        't',
        {
          properties: {
            a: {
              description: attack,
              type: 'object',
              properties: { [attack]: { description: attack, default: attack } },
            },
          },
        },
        { description: attack, outputSchema: { description: attack, enum: [attack] } },
      );
      return [pythonStubs([evil], 'full'), pythonStubs([evil], 'summary')];
    });
    expect(checkInPython(texts)).toEqual([]);
    expect(texts.join('').match(/[\p{Cf}\p{Co}\p{Cs}]|(?!\n)\p{Cc}/gu)).toBeNull();
  });
});

it('compiles whatever the schema, names and descriptions are', () => {
  const unit = fc.constantFrom(
    ...'abzAZ019_-. "\'\\\n\t#{}()[]`%$@:;,=',
    'é',
    '天',
    'ﬁ',
    '\u0301',
    '\u202e',
    '\u200d',
    '\ud800',
    '\u{1f600}',
    '\u{e0041}',
    '\0',
  );
  const text = fc.oneof(
    fc.string({ unit, maxLength: 12 }),
    fc.constantFrom('class', 'from', 'None', '__init__', 'aio', '"""', 'Any', 'Literal', 'self', '__debug__', 'kwargs'),
  );
  const { schema } = fc.letrec((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(
        {},
        true,
        false,
        { type: 'nothing' },
        { $ref: '#' },
        { $ref: '#/$defs/a' },
        { $ref: '#/properties/x/%' },
      ),
      fc.record(
        {
          type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'null', 'array', 'object', [
            'string',
            'null',
          ]),
          default: fc.jsonValue(),
          description: text,
          format: text,
          minimum: fc.double(),
        },
        { requiredKeys: [] },
      ),
      fc.record({ enum: fc.array(fc.oneof(text, fc.integer(), fc.double(), fc.constant(null), fc.boolean())) }),
      fc.record(
        {
          type: fc.constant('object'),
          title: text,
          properties: fc.dictionary(text, tie('schema')),
          required: fc.array(text),
          additionalProperties: tie('schema'),
        },
        { requiredKeys: ['properties'] },
      ),
      fc.record({ type: fc.constant('array'), items: tie('schema') }),
      fc.record({ prefixItems: fc.array(tie('schema')), items: tie('schema') }),
      fc.record({ anyOf: fc.array(tie('schema')) }),
      fc.record({ allOf: fc.array(tie('schema')) }),
    ),
  }));
  const properties = fc.dictionary(text, schema);
  const definition = fc.record({
    name: text,
    description: text,
    inputSchema: fc.record({
      type: fc.constant('object'),
      properties,
      required: fc.array(text),
      $defs: fc.record({ a: schema }),
    }),
    outputSchema: schema,
  });
  const tools = fc
    .sample(definition, { numRuns: 200, seed: 7 })
    .map((one) => ({ annotations: {}, execute: () => 0, ...one }) as Tool);
  const callable = tools.filter((one) => {
    try {
      return pythonPath(one.name) && toSignature(one);
    } catch {
      return false;
    }
  });
  expect(callable.length).toBeGreaterThan(100);
  const texts = callable.flatMap((one) => [
    pythonStubs([one], 'full'),
    pythonStubs([one], 'summary'),
    pythonStubs([one], 'names'),
  ]);
  expect(checkInPython([...texts, pythonStubs(callable, 'summary')])).toEqual([]);
});

it('writes JSON as Python reads it', () => {
  const values = fc.sample(fc.jsonValue({ noUnicodeString: false }), { numRuns: 300, seed: 7 });
  const program = 'import ast, json, sys\nprint(json.dumps([ast.literal_eval(text) for text in json.load(sys.stdin)]))';
  const read = execFileSync(python, ['-c', program], {
    input: JSON.stringify(values.map((value) => pythonLiteral(value))),
    encoding: 'utf8',
  });
  // JSON.stringify writes -0 as 0.
  expect(JSON.stringify(JSON.parse(read))).toBe(JSON.stringify(values));
});
