import { expect, test } from 'vitest';
import { parseRequirement } from '../../src/deps/requirement.ts';
import { RequirementsFile } from '../../src/deps/requirements-file.ts';

const byHand = `# for the reports
pandas>=2  # the new engine

-r base.txt
git+https://x.example/y.git
Requests
`;

const texts = (file: RequirementsFile) => file.requirements.map(({ text }) => text);
const parse = (...written: string[]) => written.map(parseRequirement);

test('a file that a person wrote is read as far as it goes', () => {
  const file = new RequirementsFile(byHand);
  expect(texts(file)).toEqual(['pandas>=2', 'requests']);
  expect(file.ignored).toEqual(['-r base.txt', 'git+https://x.example/y.git']);
  expect(file.toString()).toBe(byHand);
});

test('what is not changed stays as it is', () => {
  const file = new RequirementsFile(byHand).with(parse('pandas>=2', 'six', 'requests<3'));
  expect(file.toString()).toBe(byHand.replace('Requests', 'requests<3').concat('six\n'));
  expect(file.without('six').without('requests').toString()).toBe(byHand.replace('Requests\n', ''));
  expect(file.without('unknown').toString()).toBe(file.toString());
});

test('the same base name replaces, however it is written and however often it is there', () => {
  const file = new RequirementsFile('My_Pkg==1; os_name == "nt"\nsix\nmy.pkg==2\r\n').with(parse('my-pkg>=3'));
  expect(file.toString()).toBe('my-pkg>=3\nsix\n');
});

test('no file is an empty one', () => {
  expect(new RequirementsFile('').toString()).toBe('');
  expect(new RequirementsFile('').with(parse('six')).toString()).toBe('six\n');
});

test('including narrows and never loosens', () => {
  const file = new RequirementsFile('pandas>=2,<3  # ours\nsix; os_name == "nt"\n');
  expect(file.including(parse('pandas', 'pandas<3')).toString()).toBe(file.toString());
  expect(texts(file.including(parse('pandas[excel]>=2.2', 'tomli', 'six')))).toEqual([
    'pandas[excel]>=2,<3,>=2.2',
    'six',
    'tomli',
  ]);
});
