export type { HeadcountConfig } from './settings/definitions.js'
