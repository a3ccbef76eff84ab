import { adapterConformance } from '@code-mode/core/testing';
import type * as langchain from 'langchain';
import * as lowest from 'langchain-lowest';
import { vi } from 'vitest';
import { langchainHarness } from './harness.ts';

vi.mock('langchain', async () => await import('langchain-lowest'));

// Its types are those of an older version; what matters here is what it does.
adapterConformance(
  'langchain with the lowest version of langchain',
  langchainHarness(lowest as unknown as typeof langchain),
);
