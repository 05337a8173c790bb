/** The kind of an error. Its message is omitted, because it may quote a client. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
