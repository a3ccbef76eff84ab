import { adapterConformance } from '@code-mode/core/testing';
import * as langchain from 'langchain';
import { langchainHarness } from './harness.ts';

adapterConformance('langchain', langchainHarness(langchain));
