import { adapterConformance } from '@code-mode/core/testing';
import * as ai from 'ai';
import { aiSdkHarness } from './harness.ts';

adapterConformance('ai-sdk', aiSdkHarness(ai));
