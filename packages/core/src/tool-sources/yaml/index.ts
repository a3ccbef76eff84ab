export type { CliOptions } from '../cli/from-cli.ts';
export { type FromYamlOptions, fromYaml } from './from-yaml.ts';
