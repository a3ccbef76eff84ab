import { describe, expect, test } from 'vitest';
import { explainFailure } from '../../src/deps/explain-failure.ts';

/** What uv 0.13 and 0.4 and pip 23 wrote, taken from them. */
const said: [string, 'uv' | 'pip', string, string, string][] = [
  [
    'a wrong name',
    'uv',
    `error: No solution found when resolving dependencies
  cause: Because nosuch was not found in the package registry and you require nosuch, we can conclude that your requirements are unsatisfiable.`,
    'not-found',
    'the index has no package "nosuch" that can be installed here. Check the name: a package may be called otherwise than its module.',
  ],
  [
    'a wrong name, in the boxes of an older uv',
    'uv',
    `  × No solution found when resolving dependencies:
  ╰─▶ Because nosuch was not found in the package registry and you require
      nosuch, we can conclude that your requirements are unsatisfiable.`,
    'not-found',
    'the index has no package "nosuch" that can be installed here. Check the name: a package may be called otherwise than its module.',
  ],
  [
    'a version that does not exist',
    'uv',
    `error: No solution found when resolving dependencies
  cause: Because only six<=1.17.0 is available and you require six>=3, we can conclude that your requirements are unsatisfiable.`,
    'no-version',
    'no version of six fits six>=3.',
  ],
  [
    'a version that does not exist',
    'pip',
    `ERROR: Could not find a version that satisfies the requirement six==99.0 (from versions: 1.16.0, 1.17.0)
ERROR: No matching distribution found for six==99.0`,
    'no-version',
    'no version of six fits six==99.0.',
  ],
  [
    'no wheel',
    'uv',
    `error: No solution found when resolving dependencies
  cause: Because pycosat==0.6.0 has no usable wheels and you require pycosat==0.6.0, we can conclude that your requirements are unsatisfiable.`,
    'no-wheel',
    'pycosat==0.6.0 has no wheel for this Python, and building from source is off (deps.allowSourceBuilds).',
  ],
  [
    'a contradiction',
    'uv',
    `error: No solution found when resolving dependencies
  cause: Because flask==3.0.0 depends on werkzeug>=3.0.0 and you require flask==3.0.0, we can conclude that you require werkzeug>=3.0.0.
         And because you require werkzeug<2, we can conclude that your requirements are unsatisfiable.`,
    'conflict',
    'the requirements contradict each other. Because flask==3.0.0 depends on werkzeug>=3.0.0 and you require flask==3.0.0, we can conclude that you require werkzeug>=3.0.0. And because you require werkzeug<2.',
  ],
  [
    'a contradiction',
    'pip',
    `ERROR: Cannot install flask==3.0.0 and werkzeug<2 because these package versions have conflicting dependencies.
The conflict is caused by:
    The user requested werkzeug<2
    flask 3.0.0 depends on Werkzeug>=3.0.0
To fix this you could try to:
1. loosen the range of package versions you've specified`,
    'conflict',
    'the requirements contradict each other. The user requested werkzeug<2; flask 3.0.0 depends on Werkzeug>=3.0.0.',
  ],
  [
    'an index that cannot be reached',
    'pip',
    `WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...): [Errno 111] Connection refused')': /simple/six/
ERROR: Could not find a version that satisfies the requirement six==1.16 (from versions: none)`,
    'network',
    'the package index could not be reached (connection refused). Check the network, the proxy variables and deps.indexUrl.',
  ],
  [
    'a name that is not known',
    'uv',
    `error: Failed to fetch: https://index.invalid/simple/six/
  cause: dns error
  cause: failed to lookup address information: Name or service not known`,
    'network',
    'the package index could not be reached (its name is not known). Check the network, the proxy variables and deps.indexUrl.',
  ],
  [
    'a password that is missing',
    'uv',
    `error: Failed to fetch: https://index.invalid/simple/six/
  cause: HTTP status client error (401 Unauthorized) for url (https://index.invalid/simple/six/)`,
    'network',
    'the package index could not be reached (HTTP 401). Check the network, the proxy variables and deps.indexUrl.',
  ],
  [
    'anything else, with its last ten lines',
    'uv',
    Array.from({ length: 12 }, (_, number) => `line ${number}`).join('\n'),
    'installer',
    `uv failed:\n${Array.from({ length: 10 }, (_, number) => `line ${number + 2}`).join('\n')}`,
  ],
];

describe('a failure is one sentence', () => {
  test.each(said)('%s, from %s', (_, installer, output, reason, sentence) => {
    const lines = output.split('\n');
    const error = explainFailure({ installer, lines });
    expect([error.code, error.message]).toEqual(['install_failed', `Nothing was installed: ${sentence}`]);
    expect(error.details).toEqual({ reason, installer, output: lines.slice(-10) });
  });
});
