import { approvalAttempts } from './approval-attempts.ts';
import type { Attempt } from './attempt.ts';
import { descriptorAttempts } from './descriptor-attempts.ts';
import { fileAttempts } from './file-attempts.ts';
import { frameAttempts } from './frame-attempts.ts';
import type { HostAttempt } from './host-attempt.ts';
import { lateAttempts } from './late-attempts.ts';
import { networkAttempts } from './network-attempts.ts';
import { processAttempts } from './process-attempts.ts';
import { resourceAttempts } from './resource-attempts.ts';
import { artifactAttempts, packageAttempts, workflowAttempts, workflowLies } from './stored-attempts.ts';
import { systemCallAttempts } from './system-call-attempts.ts';
import { tenantAttempts } from './tenant-attempts.ts';
import { textAttempts } from './text-attempts.ts';

/** Every attempt at the sandbox. */
export const ATTEMPTS_AT_SANDBOX: Attempt[] = [
  ...fileAttempts,
  ...processAttempts,
  ...descriptorAttempts,
  ...tenantAttempts,
  ...networkAttempts,
  ...resourceAttempts,
  ...systemCallAttempts,
];

/** Every attempt at the host. */
export const ATTEMPTS_AT_HOST: HostAttempt[] = [
  ...frameAttempts,
  ...approvalAttempts,
  ...textAttempts,
  ...artifactAttempts,
  ...workflowAttempts,
  ...workflowLies,
  ...packageAttempts,
  ...lateAttempts,
];
