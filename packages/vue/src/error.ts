export type HeadcountVueErrorCode = 'no_client'

/** Thrown if no client was provided. */
export class HeadcountVueError extends Error {
  override readonly name = 'HeadcountVueError'
  constructor(
    readonly code: HeadcountVueErrorCode,
    message: string,
  ) {
    super(message)
  }
}
