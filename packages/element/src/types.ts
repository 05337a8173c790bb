/** The attributes of `<head-count>`, for JSX. README.md has what each does. */
export interface HeadCountAttributes {
  topic: string
  mode?: 'counted' | 'observe' | 'read' | undefined
  count?: 'open' | 'visible' | undefined
  tabs?: 'each' | 'one' | undefined
  /** The server's socket: `wss://host/socket`, or `/socket`. */
  src?: string | undefined
  token?: string | undefined
  /** A BCP 47 tag. */
  lang?: string | undefined
  compact?: boolean | '' | undefined
  /** In ms; 0 announces nothing. */
  'announce-every'?: number | string | undefined
  [label: `label-${string}`]: string | undefined
}

/** `<head-count>`. It is controlled only by its attributes, and dispatches an `ErrorEvent` if they are invalid. */
export interface HeadCountElement extends HTMLElement {}

declare global {
  interface HTMLElementTagNameMap {
    'head-count': HeadCountElement
  }
}
