import { expect, it } from 'vitest';
import { LexicalIndex } from '../../src/search/lexical.ts';
import { nearestName } from '../../src/search/nearest-name.ts';

const index = new LexicalIndex();
index.add({ id: 'issues', name: 'github.listIssues', description: 'Returns the open tickets of a repository.' });
index.add({
  id: 'create',
  name: 'github.create_issue',
  description: 'Opens a ticket.',
  parameters: 'title body labels',
});
index.add({
  id: 'weather',
  name: 'weather',
  description: 'Forecast for a city, day by day.',
  parameters: 'city Name of the city',
});
index.add({ id: 'mail', name: 'send_mail', description: 'Sends a message with labels to a person.' });
const ids = (query: string, limit = 10) => index.search(query, limit).map(({ id }) => id);

it.each([
  ['list issues', ['issues', 'create']],
  ['listissues', ['issues']],
  ['forecasts for cities', ['weather']],
  ['forcast', ['weather']],
  ['weath', ['weather']],
  ['labels', ['create', 'mail']],
  ['sending messages', ['mail']],
  ['', []],
  ['the of', []],
])('finds for %j', (query, expected) => {
  expect(ids(query)).toEqual(expected);
});

it('replaces and removes, and breaks ties by id', () => {
  const small = new LexicalIndex();
  for (const id of ['b', 'a', 'c']) small.add({ id, name: 'same', description: '' });
  small.add({ id: 'c', name: 'other', description: '' });
  expect(small.search('same', 5).map(({ id }) => id)).toEqual(['a', 'b']);
  expect([small.remove('a'), small.remove('a')]).toEqual([true, false]);
  expect(small.search('same', 5).map(({ id }) => id)).toEqual(['b']);
});

it('names the nearest candidate, when it is near', () => {
  const names = ['weather', 'list_issues', 'get'];
  expect(['weathr', 'listIssues', 'lsit_issues', 'gt', 'delete'].map((name) => nearestName(name, names))).toEqual([
    'weather',
    'list_issues',
    'list_issues',
    'get',
    undefined,
  ]);
});
