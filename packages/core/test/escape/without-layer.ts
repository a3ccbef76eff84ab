import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a copy of the Python side that lacks one layer of the sandbox. The product has no switch for that, and needs
 * none: what starts is another program.
 */
export function copyWithout(layer: string, folder: string): void {
  cpSync(new URL('../../kernel', import.meta.url), folder, { recursive: true });
  const main = join(folder, '__main__.py');
  writeFileSync(main, `${HEAD}${PATCHES[layer] ?? ''}${readFileSync(main, 'utf8')}`);
}

const HEAD = `from code_mode_kernel.sandbox import keeper, privileges, root_tree, sandbox
REASON = "a test has taken it out"
`;

/** A layer that is known to be missing is left out and not insisted on. */
const MISSING = (...layers: string[]) => `
from_the_start = sandbox._missing_from_the_start
sandbox._missing_from_the_start = lambda network: {**from_the_start(network), **dict.fromkeys(${JSON.stringify(layers)}, REASON)}
`;

const OWN_NAMESPACES = `
sandbox.become_confined_zygote = lambda *_: REASON
`;

const BWRAP = `
sandbox.become_keeper_of_bwrap = lambda *_: REASON
`;

const NAMESPACES = `${OWN_NAMESPACES}${BWRAP}`;

const PATCHES: Record<string, string> = {
  landlock: MISSING('landlock'),
  seccomp: MISSING('seccomp', 'network'),
  capabilities: `${MISSING('capabilities')}
sandbox.drop_capabilities = sandbox.lock_privileges = lambda: None
`,
  descriptors: `${MISSING('descriptors')}
sandbox.close_descriptors = lambda first, keep: None
`,
  user: `${MISSING('user')}
sandbox.is_root = lambda: False
keeper.become_unprivileged = lambda: None
sandbox.enter_user_namespace = lambda inside, others=0: privileges.enter_user_namespace(0, others)
`,
  // A root of its own, in which the host's folders are.
  files: `
build = keeper.build_root
def build_root(root, visible, as_root):
    build(root, visible, as_root)
    for path in ("/etc", "/var"):
        root_tree.mount(path, root + path, None, root_tree.MOUNT_BIND | root_tree.MOUNT_RECURSIVE)
keeper.build_root = build_root
`,
  noNewPrivileges: `${MISSING('noNewPrivileges')}
keeper.forbid_new_privileges = sandbox.forbid_new_privileges = lambda: None
${BWRAP}`,
  'namespaces and landlock': `${MISSING('landlock')}${NAMESPACES}`,
  namespaces: NAMESPACES,
  // Those that a zygote makes itself; bwrap makes them still.
  'own namespaces': OWN_NAMESPACES,
};
