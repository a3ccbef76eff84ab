export {
  type AdapterHarness,
  type AdapterOptions,
  adapterConformance,
  type LoopOptions,
  type LoopOutcome,
  type NeutralTool,
  type OpenAdapter,
} from './adapter-conformance.ts';
export { type ExecutorConformanceOptions, executorConformance } from './executor-conformance.ts';
export { type Idiom, idioms } from './idioms.ts';
export { storageConformance, type TestStore } from './storage-conformance.ts';
