import { nearestName } from '../../../search/nearest-name.ts';
import { isSchema } from '../../schema-shape.ts';
import type { JsonSchema } from '../../tool.ts';
import type { OpenApiDefinition } from '../open-api-definition.ts';
import type { DocumentSchemas } from './document-schemas.ts';

/** One method of one path. */
export interface Operation {
  /** `GET /pets/{id}` */
  label: string;
  method: string;
  path: string;
  /** What the document says of the path as a whole. */
  item: JsonSchema;
  operation: JsonSchema;
}

export interface SelectedOperations {
  operations: Operation[];
  /** What could not be read, and choices that fit nothing. */
  problems: { subject: string; message: string }[];
}

/** The operations of a document that the definition takes. */
export function selectOperations(
  document: JsonSchema,
  schemas: DocumentSchemas,
  definition: OpenApiDefinition,
): SelectedOperations {
  const problems: SelectedOperations['problems'] = [];
  const all = Object.entries(isSchema(document.paths) ? document.paths : {}).flatMap(([path, given]) => {
    try {
      return operationsOf(path, schemas.resolve(given));
    } catch (error) {
      problems.push({ subject: path, message: `${path} was left out: ${(error as Error).message}.` });
      return [];
    }
  });
  const { include, exclude } = definition;
  // `DELETE *` may be left out of a document that has none; a name that is nowhere is a mistake.
  const left = exclude.operations.filter((choice) => !choice.includes('*'));
  for (const choice of [...(include?.operations ?? []), ...left]) {
    if (all.some((one) => fits(one, choice))) continue;
    problems.push({ subject: choice, message: `No operation is '${choice}'.${advice(choice, all.flatMap(namesOf))}` });
  }
  for (const tag of [...(include?.tags ?? []), ...exclude.tags]) {
    if (all.some((one) => tagsOf(one).includes(tag))) continue;
    problems.push({ subject: tag, message: `No operation has the tag '${tag}'.${advice(tag, all.flatMap(tagsOf))}` });
  }
  const matches = (one: Operation, { tags, operations }: typeof exclude) =>
    tags.some((tag) => tagsOf(one).includes(tag)) || operations.some((choice) => fits(one, choice));
  const operations = all.filter((one) => (include === undefined || matches(one, include)) && !matches(one, exclude));
  return { operations, problems };
}

const methods = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete', 'trace'];

function operationsOf(path: string, item: JsonSchema): Operation[] {
  return methods.flatMap((name) => {
    const operation = item[name];
    const method = name.toUpperCase();
    return isSchema(operation) ? [{ label: `${method} ${path}`, method, path, item, operation }] : [];
  });
}

function namesOf({ label, operation }: Operation): string[] {
  return typeof operation.operationId === 'string' ? [operation.operationId, label] : [label];
}

function tagsOf({ operation }: Operation): string[] {
  return Array.isArray(operation.tags) ? operation.tags.filter((tag) => typeof tag === 'string') : [];
}

function fits(one: Operation, choice: string): boolean {
  const pattern = choice.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&'));
  const whole = new RegExp(`^${pattern.join('.*')}$`, 'u');
  return namesOf(one).some((name) => whole.test(name));
}

function advice(wanted: string, names: string[]): string {
  const nearest = nearestName(wanted, names);
  return nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
}
