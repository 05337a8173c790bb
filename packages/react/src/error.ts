export type HeadcountReactErrorCode = 'no_provider'

/** A component that cannot be rendered where it stands. */
export class HeadcountReactError extends Error {
  override readonly name = 'HeadcountReactError'
  constructor(
    readonly code: HeadcountReactErrorCode,
    message: string,
  ) {
    super(message)
  }
}
