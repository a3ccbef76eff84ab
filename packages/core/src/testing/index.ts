export {
  type AdapterHarness,
  adapterConformance,
  type LoopOptions,
  type LoopOutcome,
  type NeutralTool,
} from './adapter-conformance.ts';
export { type ExecutorConformanceOptions, executorConformance } from './executor-conformance.ts';
export { type Idiom, idioms } from './idioms.ts';
export { storageConformance, type TestStore } from './storage-conformance.ts';
