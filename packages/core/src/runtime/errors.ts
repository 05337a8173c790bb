/**
 * - `bad_option`: an option of `createHeadcount` or of one of its parts is invalid.
 * - `bad_setting`: the same, given to the command as a flag, an environment variable or a key of the config file.
 * - `unmatched_topic`: no pattern allows the topic.
 * - `unknown_group`: the group is not configured.
 * - `port_in_use`, `no_permission`, `no_address`: the server cannot listen at the given address.
 * - `worker_exited`: a worker of the command exited before it listened.
 * - `closed`: the engine was closed, or never opened.
 */
export type HeadcountErrorCode =
  | 'bad_option'
  | 'bad_setting'
  | 'unmatched_topic'
  | 'unknown_group'
  | 'port_in_use'
  | 'no_permission'
  | 'no_address'
  | 'worker_exited'
  | 'closed'

/** Every error that core, the server and the command throw on purpose. The message never holds a secret. */
export class HeadcountError extends Error {
  override readonly name = 'HeadcountError'

  constructor(
    readonly code: HeadcountErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/**
 * The cause of a failure, for a log line or a message: the text of an error, or else its code or its name. Node
 * reports a refused connection to a name with several addresses with a code, and without a text. `fetch` has the
 * reason for its failure in the cause of a TypeError.
 */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof TypeError && error.cause instanceof Error) return errorText(error.cause)
  return error.message || (error as { code?: string }).code || error.name
}
