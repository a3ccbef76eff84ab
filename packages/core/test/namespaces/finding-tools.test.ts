import { afterAll, expect, test } from 'vitest';
import { describeResult } from '../../src/prompts/describe-result.ts';
import { Session } from '../../src/session.ts';
import { defineTool } from '../../src/tool-sources/function.ts';

const input = {
  type: 'object',
  properties: { repo: { type: 'string', description: 'owner/name' } },
  required: ['repo'],
};
const tool = (name: string, description: string) => defineTool({ name, description, input, execute: () => 0 });
const session = new Session({
  tools: [
    tool('github.list-issues', 'Lists the issues of a repository. Newest first.'),
    tool('github.close-issue', 'Closes an issue.'),
    tool('weather', 'Forecast for a place.'),
  ],
});
afterAll(() => session.close());

const shown = async (code: string) => describeResult(await session.run(code));

const issues = `tools.github.close_issue(*, repo: str) -> Any  # Closes an issue.
tools.github.list_issues(*, repo: str) -> Any  # Lists the issues of a repository.`;

test('what is found prints as signatures, and so does a result', async () => {
  expect(await shown('print(tools.search("issue"))')).toBe(issues);
  expect(await shown('tools.search("issue")')).toBe(`Result:\n${issues}`);
  expect(await shown('tools.list("names")')).toBe(
    'Result:\ntools.github.list_issues\ntools.github.close_issue\ntools.weather',
  );
  expect(await shown('print(tools.search("issue", limit=1, detail="full"))')).toBe(`class tools:
    class github:
        def close_issue(*, repo: str) -> Any:
            """Closes an issue.

            Args:
                repo: owner/name
            """`);
  expect(await shown('print(tools.search("spaceship"), await tools.search.aio("zzz"))')).toBe('[] []');
});

test('it is a list of dicts all the same', async () => {
  const code = `import json
found = tools.search("issue", 1)
[type(found[0]) is dict, found[0]["name"], json.loads(json.dumps(found)) == found, len(tools.list())]`;
  expect(await session.run(code)).toMatchObject({ result: [true, 'github.close_issue', true, 3] });
  expect(await session.run('tools.search("issue", 1, "names")')).toMatchObject({
    result: [{ name: 'github.close_issue' }],
  });
});

test('the host gets the same', async () => {
  expect(await session.tools.list('names')).toEqual([
    { name: 'github.list_issues' },
    { name: 'github.close_issue' },
    { name: 'weather' },
  ]);
  expect(await session.tools.search('issue', 1, 'names')).toEqual([{ name: 'github.close_issue' }]);
  expect((await session.tools.search('issue', 1))[0]?.signature).toBe('tools.github.close_issue(*, repo: str) -> Any');
});

test.each(['list(detail="all")', 'search("x", 3, "all")'])('tools.%s is refused', async (call) => {
  const name = call.split('(')[0];
  expect(await session.run(`tools.${call}`)).toMatchObject({
    error: {
      name: 'ToolArgumentError',
      message: `tools.${name}(detail=…): detail must be 'names', 'summary' or 'full'.`,
    },
  });
});
