import { describe, expect, test } from 'vitest';
import { checkName, parseRequirement } from '../../src/deps/requirement.ts';
import { CodeModeError } from '../../src/errors.ts';

describe('what is taken', () => {
  test.each([
    ['requests', 'requests'],
    ['Requests', 'requests'],
    ['my_pkg', 'my-pkg'],
    ['Zope.Interface__x', 'zope-interface-x'],
    ['pandas>=2.0', 'pandas>=2.0'],
    ['pandas >= 2.0, < 3', 'pandas>=2.0,<3'],
    ['  pandas\u0020==2.* ', 'pandas==2.*'],
    ['pkg~=1.0', 'pkg~=1.0'],
    ['pkg!=1', 'pkg!=1'],
    ['pkg===1.0-odd', 'pkg===1.0-odd'],
    ['pkg (>=1, <2)', 'pkg>=1,<2'],
    ['pkg==1!2.0rc1.post2.dev3+local.4', 'pkg==1!2.0rc1.post2.dev3+local.4'],
    ['pandas[Excel, plot]>=1', 'pandas[excel,plot]>=1'],
    ['pandas [ plot ,excel ] >=1', 'pandas[excel,plot]>=1'],
    ["tomli>=2; python_version < '3.11'", 'tomli>=2; python_version < "3.11"'],
    [
      'x; (os_name == "nt" or sys_platform != "win32") and python_version >= "3.8"',
      'x; (os_name == "nt" or sys_platform != "win32") and python_version >= "3.8"',
    ],
    [
      'x ; "linux" in sys_platform and implementation_name not in "pypy"',
      'x; "linux" in sys_platform and implementation_name not in "pypy"',
    ],
  ])('%j is %j', (written, text) => {
    expect(parseRequirement(written).text).toBe(text);
    expect(parseRequirement(text).text).toBe(text);
  });

  test('in its parts', () => {
    expect(parseRequirement('My_Pkg[B,a] >=1, <2 ; python_version > "3"')).toEqual({
      name: 'my-pkg',
      extras: ['a', 'b'],
      specifier: '>=1,<2',
      marker: 'python_version > "3"',
      text: 'my-pkg[a,b]>=1,<2; python_version > "3"',
    });
  });
});

describe('what is refused, always in one form', () => {
  const general = 'write a name and, if needed, extras, versions and a marker, like "pandas[excel]>=2,<3"';
  test.each([
    ['', 'it is empty'],
    ['  ', 'it is empty'],
    ['-e .', 'options are not taken'],
    ['--index-url=https://x.example', 'options are not taken'],
    ['./folder', 'paths are not taken, only packages of the index'],
    ['/tmp/x.whl', 'paths are not taken, only packages of the index'],
    ['../x', 'paths are not taken, only packages of the index'],
    ['..\\x', 'paths are not taken, only packages of the index'],
    ['git+https://x.example/x.git', 'URLs are not taken, only packages of the index'],
    ['six @ https://x.example/six.whl', 'URLs are not taken, only packages of the index'],
    ['six@file:///tmp/six.whl', 'URLs are not taken, only packages of the index'],
    ['six; rm -rf /', 'the marker behind ";" is not one: "rm -rf /"'],
    ['six; python_version', 'the marker behind ";" is not one: "python_version"'],
    ['six; python_version == "3" and', 'the marker behind ";" is not one: "python_version == \\"3\\" and"'],
    ['six; (python_version == "3"', 'the marker behind ";" is not one: "(python_version == \\"3\\""'],
    ['six; unknown == "3"', 'the marker behind ";" is not one: "unknown == \\"3\\""'],
    ['six;', 'the marker behind ";" is not one: ""'],
    ['six`id`', 'shell characters are not taken'],
    ['six && id', 'shell characters are not taken'],
    ['$(id)', 'shell characters are not taken'],
    ['six | cat', 'shell characters are not taken'],
    ['six\nflask', 'it holds a line break or another control character'],
    ['six\u0000', 'it holds a line break or another control character'],
    ['six\u2028', 'it holds a line break or another control character'],
    ['sıx', 'it holds characters beyond ASCII'],
    ['six>=', general],
    ['six 1.0', general],
    ['six tomli', general],
    ['six >> 1', general],
    ['six==1 --hash=sha256:00', general],
    ['_six', general],
    ['six-', general],
    ['six[a', general],
  ])('%j', (written, reason) => {
    expect(problem(() => parseRequirement(written))).toEqual([
      'invalid_requirement',
      `Not a requirement: ${JSON.stringify(written)}: ${reason}.`,
    ]);
  });

  test('more than 256 characters', () => {
    expect(parseRequirement('a'.repeat(256)).name).toHaveLength(256);
    expect(problem(() => parseRequirement('a'.repeat(257)))).toEqual([
      'invalid_requirement',
      `Not a requirement: "${'a'.repeat(99)}…: it is longer than 256 characters.`,
    ]);
  });

  test('something that is no string', () => {
    expect(problem(() => parseRequirement(3 as never))).toEqual([
      'invalid_requirement',
      'Not a requirement: 3: it must be a string.',
    ]);
  });

  test('long words do not take long', () => {
    expect(problem(() => parseRequirement(`${'a.'.repeat(127)}!`))[0]).toBe('invalid_requirement');
    expect(problem(() => parseRequirement(`a; ${'('.repeat(250)}`))[0]).toBe('invalid_requirement');
  });
});

test('a name alone is normalised, and nothing else is a name', () => {
  expect(checkName(' My.Pkg ')).toBe('my-pkg');
  expect(problem(() => checkName('six==1'))).toEqual([
    'invalid_requirement',
    'Not a requirement: "six==1": give the name of a package alone, like "pandas".',
  ]);
});

function problem(call: () => unknown): [string, string] {
  try {
    call();
  } catch (error) {
    if (CodeModeError.isInstance(error)) return [error.code, error.message];
    throw error;
  }
  throw new Error('it was taken');
}
