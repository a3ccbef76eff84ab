/** Why an operation of a document cannot become a tool, as the end of a sentence. */
export class OperationError extends Error {
  override readonly name = 'OperationError';
}
