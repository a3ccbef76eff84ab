import { CodeModeError } from '../errors.ts';
import type { WireToolSignature } from '../wire/messages.ts';
import { objectShape } from './schema-shape.ts';
import type { Tool } from './tool.ts';

/**
 * How host names are spelled in Python.
 *
 * | host | Python | rule |
 * | - | - | - |
 * | `my-tool`, `a b` | `my_tool`, `a_b` | a character Python does not allow in a name becomes `_` |
 * | `2fa` | `_2fa` | a leading digit gets `_` |
 * | `class`, `import` | `class_`, `import_` | keywords get `_` |
 * | `list`, `search.web` | `list_`, `search_.web` | as does the first segment when it is a method of `tools` |
 * | `x.aio` | `x.aio_` | and `aio`, the asynchronous form of every tool |
 * | `_id`, `__init__` | `id_`, `init_` | no tool starts with `_` and a letter: Python itself probes such names |
 * | `ﬁle`, `größe` | `file`, `größe` | letters of any language stay, NFKC-normalised as Python does it |
 *
 * @param toolName dotted host name, e.g. `github.issues.list`
 * @throws CodeModeError `invalid_options` when a segment has nothing to make a name of
 */
export function pythonPath(toolName: string): string {
  return toolName
    .split('.')
    .map((segment, index) => {
      const name = identifier(segment);
      const bare = name.replace(/^_+|_+$/gu, '');
      if (bare === '') {
        throw new CodeModeError(
          'invalid_options',
          `Tool '${toolName}': ${segment === '' ? 'a part of its name is empty' : `'${segment}' has no letter or digit`}; rename it to something Python can call.`,
          { details: { toolName } },
        );
      }
      if (/^_\P{Nd}/u.test(name)) return /^\p{XID_Start}/u.test(bare) ? `${bare}_` : `_${bare}_`;
      return name === 'aio' || (index === 0 && reservedRootNames.has(name)) ? `${name}_` : name;
    })
    .join('.');
}

/** The Python spelling of an argument's name: as `pythonPath`, but only keywords are reserved. */
export function pythonParameter(name: string): string {
  return identifier(name) || '_';
}

/** Whether a key can stand as a name in Python source, in plain ASCII. */
export function isPythonIdentifier(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/u.test(name) && !keywords.has(name);
}

/**
 * What the kernel needs to know of a tool. Worked out once per tool.
 * @throws CodeModeError `invalid_options` when the name cannot be spelled in Python, or two parameters are spelled alike
 */
export function toSignature(tool: Tool): WireToolSignature {
  const known = signatures.get(tool);
  if (known !== undefined) return known;
  const signature = signatureOf(tool);
  signatures.set(tool, signature);
  return signature;
}

/** Sessions share their tools; a new one should cost no more for having many. */
const signatures = new WeakMap<Tool, WireToolSignature>();

function signatureOf(tool: Tool): WireToolSignature {
  const shape = objectShape(tool.inputSchema);
  const hostNames = new Map<string, string>();
  for (const hostName of shape?.properties.keys() ?? []) {
    const spelled = pythonParameter(hostName);
    const other = hostNames.get(spelled);
    if (other !== undefined) {
      throw new CodeModeError(
        'invalid_options',
        `Tool '${tool.name}': its parameters '${other}' and '${hostName}' are both \`${spelled}\` in Python; rename one of them in its input schema.`,
        { details: { toolName: tool.name, parameters: [other, hostName] } },
      );
    }
    hostNames.set(spelled, hostName);
  }
  return {
    path: pythonPath(tool.name),
    name: tool.name,
    parameters: [...hostNames].map(([spelled, hostName]) => [
      spelled,
      hostName,
      shape?.required.has(hostName) ?? false,
    ]),
    open: shape?.open ?? true,
  };
}

/** Methods of `tools` itself. */
const reservedRootNames = new Set(['list', 'search', 'describe']);

const keywords = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield __debug__'.split(
    ' ',
  ),
);

function identifier(text: string): string {
  const spelled = text
    .normalize('NFKC')
    .replace(/[^\p{XID_Continue}]|\p{Default_Ignorable_Code_Point}/gu, '_')
    .normalize('NFKC');
  const name = /^[^\p{XID_Start}_]/u.test(spelled) ? `_${spelled}` : spelled;
  return keywords.has(name) ? `${name}_` : name;
}
