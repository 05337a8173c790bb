/**
 * Text of a group by plural category, with `#` for the number: `{ one: '# user', other: '# users' }`. The number is not
 * shown in a form without `#`, as for one and two in Arabic.
 */
export type Forms = { readonly other: string } & { readonly [category in Intl.LDMLPluralRule]?: string }

export interface Labels {
  /** By group. Default of a group: "# " and its name. */
  readonly groups: { readonly [group: string]: Forms }
  /** Text for a count that a topic does not show, with `#` for the smallest one that it shows. */
  readonly below: string
  /** All counts are zero. */
  readonly empty: string
  /** No counts have arrived yet. */
  readonly connecting: string
  /** Announced to screen readers after the last counts while the connection is lost. */
  readonly stale: string
  /** The server refused the topic. */
  readonly refused: string
}

export const english: Labels = {
  groups: {
    users: { one: '# user', other: '# users' },
    viewers: { one: '# viewer', other: '# viewers' },
  },
  below: 'fewer than #',
  empty: 'Nobody here',
  connecting: '…',
  stale: 'reconnecting',
  refused: 'Count unavailable',
}
