import { ArtifactsNamespace } from './artifacts/artifacts-namespace.ts';
import type { Namespace } from './namespace.ts';
import type { SessionServices } from './session-services.ts';
import type { WorkflowLibrary } from './workflows/workflow-library.ts';
import { WorkflowsNamespace } from './workflows/workflows-namespace.ts';

/** The namespaces that live in storage. */
export function storedNamespaces(services: SessionServices, workflows: WorkflowLibrary): Namespace[] {
  return [new WorkflowsNamespace(workflows, services), new ArtifactsNamespace(services), services.deps];
}
