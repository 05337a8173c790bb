export type HeadcountReactErrorCode = 'no_provider'

/** Thrown by hooks and components that have no `<HeadcountProvider>` above them. */
export class HeadcountReactError extends Error {
  override readonly name = 'HeadcountReactError'
  constructor(
    readonly code: HeadcountReactErrorCode,
    message: string,
  ) {
    super(message)
  }
}
