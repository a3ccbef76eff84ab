import { isSchema } from '../../schema-shape.ts';
import type { JsonSchema } from '../../tool.ts';

/** A document in the form of OpenAPI 3.1, and the paths that could not be brought into it. */
export interface UpgradedDocument {
  document: JsonSchema;
  broken: { path: string; reason: string }[];
}

/**
 * Brings a document of Swagger 2.0 or OpenAPI 3.0 into the form of 3.1.
 * @param document is changed
 * @throws Error when not even the parts outside its paths can be upgraded
 */
export async function upgradeDocument(document: JsonSchema): Promise<UpgradedDocument> {
  const { upgrade } = await import('@scalar/openapi-upgrader');
  const toThreeOne = (one: JsonSchema): JsonSchema => ({ ...upgrade(structuredClone(one), '3.1') });
  try {
    return { document: toThreeOne(document), broken: [] };
  } catch (error) {
    if (!isSchema(document.paths)) throw error;
    // One bad path makes the whole document fail: find it.
    const { definitions: _, ...small } = document;
    const broken = Object.entries(document.paths).flatMap(([path, item]) => {
      try {
        toThreeOne({ ...small, paths: { [path]: item } });
        return [];
      } catch (cause) {
        return [{ path, reason: cause instanceof Error ? cause.message : String(cause) }];
      }
    });
    if (broken.length === 0) throw error;
    const bad = new Set(broken.map(({ path }) => path));
    const good = Object.entries(document.paths).filter(([path]) => !bad.has(path));
    return { document: toThreeOne({ ...document, paths: Object.fromEntries(good) }), broken };
  }
}
