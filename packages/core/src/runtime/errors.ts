/**
 * What went wrong:
 * - `bad_option`: an option of `createHeadcount` or one of its modules is not what it may be.
 * - `bad_setting`: the same, as a person gave it to the command: a flag, an environment variable, a key of the file.
 * - `unmatched_topic`, `unknown_group`: a topic that no pattern allows, a group that is not configured.
 * - `port_in_use`, `no_permission`, `no_address`: the server may not listen where it was told to.
 */
export type HeadcountErrorCode =
  | 'bad_option'
  | 'bad_setting'
  | 'unmatched_topic'
  | 'unknown_group'
  | 'port_in_use'
  | 'no_permission'
  | 'no_address'

/** Anything that this package throws on purpose. The message reads "expected …, got …" and never holds a secret. */
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
