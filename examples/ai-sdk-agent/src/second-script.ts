import type { Script } from './scripted-model.ts';
import { sentence } from './sentence.ts';

/** The second agent looks for what there is before it writes anything, and calls what it finds. */
export const secondScript: Script = {
  programs: [
    `
for found in workflows.search("which nation gained the most years of life"):
    print(found["signature"])
    print("  ", found["description"])
`,
    (read) => `workflows.${/workflows\.(\w+)\(/u.exec(read.join('\n'))?.[1]}(first=1960, last=1980)`,
  ],
  answer: (read) => sentence(read, 1960, 1980),
};
