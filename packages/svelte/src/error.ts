export type HeadcountSvelteErrorCode = 'no_client'

/** Thrown if no client was provided. */
export class HeadcountSvelteError extends Error {
  override readonly name = 'HeadcountSvelteError'
  constructor(
    readonly code: HeadcountSvelteErrorCode,
    message: string,
  ) {
    super(message)
  }
}
