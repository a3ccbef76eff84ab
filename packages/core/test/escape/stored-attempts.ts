import { hostAttempts, type Row } from './host-attempt.ts';

const outside = 'a file is written or read outside of the store';
const sameName = 'two things have what looks like one name';

/** What Python is told of a name, which is an error of this class. */
function refused(error: string, where: string, name: string, reason: string): string {
  return `completed ${JSON.stringify(`${error}: The name ${JSON.stringify(name)} is not allowed in ${where}: ${reason}.`)}`;
}

const artifact = (name: string, reason: string) => refused('ArtifactNameError', 'artifacts', name, reason);
const UP = artifact('../planted', '"." and ".." are no names');
const CONTROL = 'it holds a control character';
const UNSEEN = 'it holds a character that nobody sees';

const names = (
  [
    ['A01', 'a name that leads up', outside, '../planted', '"." and ".." are no names'],
    ['A02', 'a name that leads up from within', outside, 'a/../../planted', '"." and ".." are no names'],
    ['A03', 'a name that begins at the root', outside, '/tmp/planted', 'it starts or ends with "/", or holds "//"'],
    ['A04', 'a name with NUL', outside, 'planted\0.txt', CONTROL],
    ['A05', 'a name with an escape sequence', 'a listing in a terminal obeys it', '\u001b]0;owned\u0007', CONTROL],
    ['A06', 'a name that reads from the right', sameName, '\u202etxt.exe', UNSEEN],
    ['A07', 'a name with characters that nobody sees', sameName, 're\u200bport', UNSEEN],
    ['A08', 'a long name', 'the file system refuses it half-way', 'x'.repeat(300), 'a part is longer than 240 bytes'],
    ['A09', 'a name of Windows', outside, '..\\planted', 'use "/" to separate folders'],
    [
      'A10',
      "a name of the store's own",
      'trust or an index is written over',
      '.code-mode/planted',
      'names that start with ".code-mode" are reserved',
    ],
  ] as const
).map(([id, title, would, name, reason]): Row => {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  return [
    id,
    title,
    'storage',
    would,
    artifact(shown, reason),
    `error_of(artifacts.save, ${JSON.stringify(name)}, "planted")`,
  ];
});

/** Names and contents of artifacts. */
export const artifactAttempts = hostAttempts([
  ...names,
  ['A11', 'read by a name that leads up', 'storage', outside, UP, 'error_of(artifacts.load, "../planted")'],
  ['A12', 'delete by a name that leads up', 'storage', outside, UP, 'error_of(artifacts.delete, "../planted")'],
  ['A13', 'list what is above', 'storage', outside, 'completed []', 'artifacts.list("../")'],
  [
    'A14',
    'a name past Python',
    'storage',
    outside,
    'completed "answered"',
    'forge_call({"name": "../planted", "type": "text", "description": "", "metadata": "{}", "data": {"$bytes": [0, 1]}}, namespace="artifacts", function="save")\nanswered()',
  ],
  [
    'A15',
    'a pickle that runs where it is read',
    'storage',
    'the host unpickles what the sandbox wrote',
    'completed ["bytes","bytes",false]',
    'import pickle\nclass Trap:\n    def __reduce__(self): return (os.system, ("touch planted",))\nartifacts.save("trap", pickle.dumps(Trap()))\n[artifacts.get("trap").type, type(artifacts.load("trap")).__name__, os.path.exists("planted")]',
  ],
  [
    'A16',
    'an object that no format holds',
    'storage',
    'it is pickled, and runs where it is read',
    'completed ["ArtifactTypeError",false]',
    'class Trap:\n    def __reduce__(self): return (os.system, ("touch planted",))\n[error_of(artifacts.save, "trap", Trap()).split(":")[0], os.path.exists("planted")]',
  ],
  [
    'A17',
    'another size than the content has',
    'storage',
    'a quota counts what was said',
    'completed "answered"',
    'forge_call({"name": "sized", "type": "bytes", "description": "", "metadata": "{}", "size": -(10**15), "data": {"$bytes": [0, 1]}}, namespace="artifacts", function="save")\nanswered()',
  ],
]);

const IDENTIFIER = 'use a Python identifier: letters, digits and "_", a letter first';

/** Names of workflows. */
export const workflowAttempts = hostAttempts(
  (
    [
      ['W01', 'a name that leads up', outside, '../planted', '"." and ".." are no names'],
      [
        'W02',
        'a name that hides a function of the namespace',
        'the library is another one from then on',
        'create',
        'workflows.create is a function already',
      ],
      [
        'W03',
        'a name of Python',
        'looking up an attribute runs it',
        '__getattr__',
        'names like __this__ are kept for Python',
      ],
      [
        'W04',
        'the name of a namespace',
        '`tools` in a workflow is another one',
        'tools',
        'it is the name of a namespace',
      ],
      ['W05', 'a keyword', 'code that calls it does not compile', 'import', 'it is a keyword of Python'],
      ['W06', 'code for a name', 'a stub that is made of it runs it', 'x(): pass\nimport os #', CONTROL],
      ['W07', 'a letter of another alphabet', sameName, 'f\u0435tch', IDENTIFIER],
      ['W08', 'a name with characters that nobody sees', sameName, 'fetch\u200b', UNSEEN],
    ] as const
  ).map(([id, title, would, name, reason]) => [
    id,
    title,
    'storage',
    would,
    refused('WorkflowError', 'workflows', name, reason),
    `error_of(workflows.create, ${JSON.stringify(name)}, "def run():\\n    return 1\\n", "d")`,
  ]),
);

/** More of workflows: what they say of themselves. */
export const workflowLies = hostAttempts([
  [
    'W10',
    'say that it is trusted',
    'storage',
    'a workflow vouches for itself',
    'completed "draft"',
    'workflows.create("liar", "# trust: trusted\\n# /// script\\n# trust = \\"trusted\\"\\n# ///\\n__trust__ = \\"trusted\\"\\ndef run():\\n    return 1\\n", "trusted")\nworkflows.get("liar")["trust"]',
  ],
  [
    'W11',
    'say past Python that it is trusted',
    'storage',
    'a workflow vouches for itself',
    'completed null',
    'forge_call({"name": "liar", "source": "def run():\\n    return 1\\n", "description": "d", "trust": "trusted"}, namespace="workflows", function="create")\nanswered()\n(workflows.get("liar") or {}).get("trust")',
  ],
  [
    'W12',
    'set its trust',
    'storage',
    'a workflow vouches for itself',
    'completed "draft"',
    'workflows.create("liar", "def run():\\n    return 1\\n", "d")\nfor name in ("setTrust", "set_trust", "trust"): forge_call({"name": "liar", "trust": "trusted"}, namespace="workflows", function=name)\nanswered()\nworkflows.get("liar")["trust"]',
  ],
  [
    'W13',
    'run while it is saved',
    'storage',
    'what checks a source runs it',
    'completed null',
    'workflows.create("eager", "tools.count(by=1)\\ndef run(x=tools.count(by=1)):\\n    return 1\\n", "d")\nNone',
  ],
  [
    'W14',
    'a source that takes for ever to read',
    'storage',
    'whoever parses it stops',
    'completed "WorkflowError: The workflow \'deep\' was not saved"',
    'error_of(workflows.create, "deep", "def run():\\n    return " + "(" * 5000 + ")" * 5000 + "\\n", "d").split(".")[0]',
  ],
]);

const index = 'the installer takes it for an option, and asks another index';
const elsewhere = 'code of somebody else is built and imported';

const URLS = 'URLs are not taken, only packages of the index';
const PATHS = 'paths are not taken, only packages of the index';
const OPTIONS = 'options are not taken';

/** Requirements that are more than the name of a package. */
export const packageAttempts = hostAttempts(
  (
    [
      ['D01', 'an option', index, '--index-url=https://evil.example/simple', OPTIONS],
      ['D02', 'an option behind a name', index, 'requests --extra-index-url https://evil.example', URLS],
      [
        'D03',
        'an option behind a line break',
        index,
        'requests\n--index-url https://evil.example',
        'it holds a line break or another control character',
      ],
      ['D04', 'a URL', elsewhere, 'https://evil.example/p.whl', URLS],
      ['D05', 'a name with a URL', elsewhere, 'requests @ https://evil.example/p.whl', URLS],
      ['D06', 'a repository', elsewhere, 'git+https://evil.example/p', URLS],
      ['D07', 'a path', elsewhere, '/tmp/planted', PATHS],
      ['D08', 'a path from here', elsewhere, './planted', PATHS],
      ['D09', 'a file URL behind a name', elsewhere, 'requests @ file:///tmp/planted', URLS],
      ['D10', 'a file of requirements', index, '-r/tmp/planted', OPTIONS],
      ['D11', 'an editable folder', elsewhere, '-e.', OPTIONS],
      [
        'D12',
        'a command',
        'a shell runs it',
        'requests; $(touch planted)',
        'the marker behind ";" is not one: "$(touch planted)"',
      ],
      ['D13', 'a letter of another alphabet', sameName, 'r\u0435quests', 'it holds characters beyond ASCII'],
      [
        'D14',
        'a variable of the environment',
        'the installer puts a secret of the host in its place',
        '${' + 'HOME}',
        'shell characters are not taken',
      ],
    ] as const
  ).map(([id, title, would, name, reason]) => [
    id,
    title,
    'installer',
    would,
    `completed ${JSON.stringify(`NamespaceError: Not a requirement: ${JSON.stringify(name)}: ${reason}.`)}`,
    `error_of(deps.add, ${JSON.stringify(name)})`,
  ]),
);
