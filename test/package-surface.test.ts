import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** What a package's sources may import of ours, and from which frameworks. */
const EDGES: Record<string, { ours: string[]; frameworks: string[] }> = {
  core: { ours: [], frameworks: [] },
  mcp: { ours: ['@code-mode/core'], frameworks: [] },
  'ai-sdk': { ours: ['@code-mode/core'], frameworks: ['ai'] },
  mastra: { ours: ['@code-mode/core'], frameworks: ['@mastra/core'] },
  langchain: { ours: ['@code-mode/core'], frameworks: ['@langchain/core', 'langchain'] },
  cli: { ours: ['@code-mode/core', '@code-mode/mcp'], frameworks: [] },
  'openai-agents': { ours: ['@code-mode/core'], frameworks: ['@openai/agents'] },
};

const FRAMEWORKS = /^(ai|@ai-sdk\/.+|@mastra\/.+|langchain|@langchain\/.+|@openai\/agents.*)$/;

describe.each(readdirSync(join(root, 'packages')))('packages/%s', (name) => {
  const folder = join(root, 'packages', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const imports = [...new Set(sources(join(folder, 'src')).flatMap(importsOf))];

  test('is listed with the edges it may have', () => {
    expect(Object.keys(EDGES)).toContain(name);
  });

  test('imports nothing of ours but what it may', () => {
    const ours = imports.map(packageOf).filter((id) => id.startsWith('@code-mode/'));
    expect(ours.filter((id) => !EDGES[name]?.ours.includes(id))).toEqual([]);
  });

  test('imports no framework but its own', () => {
    const frameworks = imports.map(packageOf).filter((id) => FRAMEWORKS.test(id));
    expect(frameworks.filter((id) => !EDGES[name]?.frameworks.includes(id))).toEqual([]);
  });

  test('has its framework as a peer, never as a dependency', () => {
    const peers = Object.keys(manifest.peerDependencies ?? {});
    expect(EDGES[name]?.frameworks.filter((id) => !peers.includes(id))).toEqual([]);
    expect(Object.keys(manifest.dependencies ?? {}).filter((id) => FRAMEWORKS.test(id))).toEqual([]);
  });

  test('is an ES module package under Apache-2.0 that ships what it exports', () => {
    expect(manifest).toMatchObject({ type: 'module', license: 'Apache-2.0', sideEffects: false });
    expect(Object.keys(manifest.publishConfig.exports)).toEqual(Object.keys(manifest.exports));
  });
});

/** What an adapter has beside the files and exports of all: what its framework alone makes necessary. */
const OWN: Record<string, { files: string[]; exports: string[] }> = {
  'ai-sdk': {
    files: ['create-tool-approval.ts'],
    exports: ['FromAiSdkToolsOptions', 'RunCodeApproval', 'RunCodeCall', 'createToolApproval'],
  },
  mastra: { files: ['approval.ts'], exports: ['RunCodeAnswer', 'RunCodeSuspension'] },
  langchain: {
    files: ['approval.ts', 'code-mode-middleware.ts', 'code-mode-toolkit.ts', 'run-code-call.ts'],
    exports: [
      'CodeModeMiddleware',
      'CodeModeToolkit',
      'FromLangChainToolsOptions',
      'InterruptOn',
      'RunCodeCall',
      'codeModeMiddleware',
    ],
  },
  'openai-agents': { files: ['approval.ts', 'run-code-call.ts'], exports: ['RunCodeCall'] },
};

describe.each([
  ['ai-sdk', 'fromAiSdkTools'],
  ['mastra', 'fromMastraTools'],
  ['langchain', 'fromLangChainTools'],
  ['openai-agents', 'fromOpenAIAgentsTools'],
])('the adapter %s', (name, fromTools) => {
  const folder = join(root, 'packages', name, 'src');
  const own = OWN[name];

  test('is at most 300 lines of source', () => {
    const lines = sources(folder).map((file) => readFileSync(file, 'utf8').split('\n').length - 1);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(300);
  });

  test('has the files of every adapter, and those that its framework needs', () => {
    const shared = ['create-code-mode.ts', 'create-run-code-tool.ts', `from-${name}-tools.ts`, 'index.ts'];
    expect(readdirSync(folder).sort()).toEqual([...shared, ...(own?.files ?? [])].sort());
  });

  test('exports what every adapter does, and what its framework needs', () => {
    const index = readFileSync(join(folder, 'index.ts'), 'utf8');
    const exported = [...index.matchAll(/^export (?:type )?\{([^}]*)\} from/gm)].flatMap(([, names = '']) =>
      names.split(',').flatMap((given) => given.trim().replace(/^type /, '') || []),
    );
    const shared = ['CodeMode', 'CreateCodeModeOptions', 'RunCodeTool', 'RunCodeToolOptions'];
    const made = ['createCodeMode', 'createRunCodeTool', fromTools];
    expect(exported.sort()).toEqual([...shared, ...made, ...(own?.exports ?? [])].sort());
  });
});

test('the core entry loads no child process: executors do, when they are used', () => {
  const seen = new Set<string>();
  const reach = (file: string): string[] => {
    if (seen.has(file)) return [];
    seen.add(file);
    return importsOf(file).flatMap((id) => (id.startsWith('.') ? reach(join(file, '..', id)) : [id]));
  };
  expect(reach(join(root, 'packages/core/src/index.ts'))).not.toContain('node:child_process');
});

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Static imports and re-exports of values: types load nothing, and `import()` is how optional parts load. */
function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s(?!type\s)[^;]*?from '([^']+)';/gm)].map(
    (match) => match[1] as string,
  );
}

function packageOf(id: string): string {
  return id.startsWith('@') ? id.split('/').slice(0, 2).join('/') : (id.split('/')[0] as string);
}
