import { adapterConformance } from '@code-mode/core/testing';
import type * as ai from 'ai';
import * as lowest from 'ai-lowest';
import { vi } from 'vitest';
import { aiSdkHarness } from './harness.ts';

vi.mock('ai', async () => await import('ai-lowest'));

// Its types are those of an older version; what matters here is what it does.
adapterConformance('ai-sdk with the lowest version of ai', aiSdkHarness(lowest as unknown as typeof ai));
