import { describe, expect, it } from 'vitest';
import { defineTool } from '../../src/tool-sources/function.ts';
import { pythonParameter, pythonPath, toSignature } from '../../src/tool-sources/python-names.ts';

describe('pythonPath', () => {
  it.each([
    ['weather', 'weather'],
    ['github.issues.list', 'github.issues.list'],
    ['my-tool.a b', 'my_tool.a_b'],
    ['2fa', '_2fa'],
    ['class.import', 'class_.import_'],
    ['list', 'list_'],
    ['search.describe', 'search_.describe'],
    ['x.aio', 'x.aio_'],
    ['_id', 'id_'],
    ['__init__', 'init_'],
    ['$filter', 'filter_'],
    ['?9-x', '_9_x'],
    ['--9', '_9_'],
    ['ﬁle', 'file'],
    ['größe.天気', 'größe.天気'],
    ['a\u200bb\u202ec', 'a_b_c'],
  ])('spells %j as %s', (name, expected) => {
    expect(pythonPath(name)).toBe(expected);
  });

  it.each([
    ['a..b', "Tool 'a..b': a part of its name is empty; rename it to something Python can call."],
    ['', "Tool '': a part of its name is empty; rename it to something Python can call."],
    ['a.--', "Tool 'a.--': '--' has no letter or digit; rename it to something Python can call."],
  ])('refuses %j', (name, message) => {
    expect(() => pythonPath(name)).toThrow(expect.objectContaining({ code: 'invalid_options', message }));
  });
});

it('spells parameters, where only keywords are taken', () => {
  const names = ['from', 'my-param', 'self', '$top', '__proto', '1st', 'list', '', '__debug__'];
  expect(names.map(pythonParameter)).toEqual([
    'from_',
    'my_param',
    'self',
    '_top',
    '__proto',
    '_1st',
    'list',
    '_',
    '__debug___',
  ]);
});

describe('toSignature', () => {
  const signatureOf = (input: object) =>
    toSignature(defineTool({ name: 'a-b.c', description: '', input: input as never, execute: () => 0 }));

  it('lists parameters with both spellings', () => {
    const input = { type: 'object', properties: { from: {}, to: {} }, required: ['from'] };
    expect(signatureOf(input)).toEqual({
      path: 'a_b.c',
      name: 'a-b.c',
      parameters: [
        ['from_', 'from', true],
        ['to', 'to', false],
      ],
      open: false,
    });
  });

  it('follows $ref, allOf and alternatives', () => {
    const input = {
      $defs: { base: { type: 'object', properties: { id: {} }, required: ['id'] } },
      allOf: [{ $ref: '#/$defs/base' }],
      oneOf: [
        { type: 'object', properties: { kind: { const: 'a' }, x: {} }, required: ['kind', 'x'] },
        { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] },
      ],
    };
    expect(signatureOf(input).parameters).toEqual([
      ['id', 'id', true],
      ['kind', 'kind', true],
      ['x', 'x', false],
    ]);
  });

  it.each([
    [{ type: 'object' }, true],
    [{ type: 'object', properties: {} }, false],
    [{ type: 'object', additionalProperties: false }, false],
    [{ type: 'object', properties: { a: {} }, additionalProperties: { type: 'string' } }, true],
    [{ type: 'object', properties: { a: {} }, additionalProperties: { not: {} } }, false],
    [{ type: 'object', properties: { a: {} }, patternProperties: { '^x-': {} } }, true],
    [{ type: 'object', properties: { a: {} }, anyOf: [{ required: ['a'] }, { required: [] }] }, false],
    [{ $ref: '#/$defs/loop', type: 'object', $defs: { loop: { $ref: '#/$defs/loop' } } }, undefined],
  ])('says whether other arguments are welcome (%#)', (input, open) => {
    if (open === undefined)
      expect(() => signatureOf(input)).toThrow(expect.objectContaining({ code: 'invalid_options' }));
    else expect(signatureOf(input).open).toBe(open);
  });
});
