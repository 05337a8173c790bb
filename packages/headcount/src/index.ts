export type { CommandLogEvent } from './log-events.js'
export type { HeadcountConfig } from './settings/definitions.js'
