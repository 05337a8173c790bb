/** The name that is counted: `video:42`. */
export type Topic = string
