/** A group's words by plural category, `#` where the number stands: `{ one: '# user', other: '# users' }`. */
export type Forms = { readonly other: string } & { readonly [category in Intl.LDMLPluralRule]?: string }

export interface Labels {
  /** By group. A group without words here goes by its name. */
  readonly groups: { readonly [group: string]: Forms }
  /** Nobody is here. */
  readonly nobody: string
  /** No counts yet. */
  readonly connecting: string
  /** Said to screen readers after the last known counts while the connection is lost. */
  readonly stale: string
  /** The server does not let us know. */
  readonly refused: string
}

export const english: Labels = {
  groups: {
    users: { one: '# user', other: '# users' },
    viewers: { one: '# viewer', other: '# viewers' },
  },
  nobody: 'Nobody here',
  connecting: '…',
  stale: 'reconnecting',
  refused: 'Count unavailable',
}
