import { pythonParameter } from '../../python-names.ts';
import type { JsonSchema } from '../../tool.ts';
import type { EndpointParameter } from '../endpoint.ts';

/** The arguments of a tool while they are collected: no two are spelled alike in Python. */
export class ArgumentList {
  readonly parameters: EndpointParameter[] = [];
  readonly #properties: [string, JsonSchema][] = [];
  readonly #required: string[] = [];
  readonly #spelled = new Set<string>();

  has(name: string): boolean {
    return this.#spelled.has(pythonParameter(name));
  }

  add(parameter: EndpointParameter, schema: JsonSchema, isRequired: boolean): void {
    this.#spelled.add(pythonParameter(parameter.argument));
    this.parameters.push(parameter);
    this.#properties.push([parameter.argument, schema]);
    if (isRequired) this.#required.push(parameter.argument);
  }

  schema(): JsonSchema {
    return {
      type: 'object',
      properties: Object.fromEntries(this.#properties),
      required: this.#required,
      additionalProperties: false,
    };
  }
}
