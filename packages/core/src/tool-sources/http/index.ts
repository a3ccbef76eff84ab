export type { HttpToolsDefinition } from './definition.ts';
export { type FromHttpDefinition, fromHttp } from './from-http.ts';
export { type FromOpenApiDefinition, fromOpenApi, type OpenApiOptions } from './open-api/from-open-api.ts';
export type { OpenApiDefinition } from './open-api-definition.ts';
