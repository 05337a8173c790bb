import 'react'

declare module 'react' {
  interface CSSProperties {
    /** How far a slider or a bar is, 0 to 1. */
    '--value'?: number
  }
}
