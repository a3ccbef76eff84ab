import { readlinkSync, statSync } from 'node:fs';
import type { HostFacts } from '../zygote/zygote-process.ts';
import { startFailed } from './engine.ts';

const NAMESPACES = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup'];

/** What this process is, for a kernel to compare with. @throws CodeModeError `kernel_start_failed` off Linux */
export function hostFacts(): HostFacts {
  if (process.platform !== 'linux') {
    const why = "A Unix socket of this machine does not reach into an engine's virtual machine.";
    throw startFailed(`ContainerExecutor needs Linux and an engine on it. ${why} Run this process on Linux.`);
  }
  const { dev, ino } = statSync('/');
  return {
    user: process.getuid?.() ?? 0,
    namespaces: Object.fromEntries(NAMESPACES.map((name) => [name, readlinkSync(`/proc/self/ns/${name}`)])),
    root: [dev, ino],
  };
}
