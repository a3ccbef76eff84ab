import type { Operation } from './select-operations.ts';

/**
 * The name of an operation's tool, as Python writes names: `listPets` -> `list_pets`, `repos/get-content` ->
 * `repos.get_content`; without an id, `GET /pets/{id}` -> `get_pets_id`.
 */
export function operationName({ operation, label }: Operation): string {
  const { operationId } = operation;
  if (typeof operationId !== 'string' || operationId.trim() === '') return snakeCase(label);
  return operationId
    .split(/[./]/u)
    .map(snakeCase)
    .filter((part) => part !== '')
    .join('.');
}

function snakeCase(text: string): string {
  return text
    .replace(/(\p{Ll}|\p{Nd})(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/gu, '');
}
