import { define } from './define.js'

export type { HeadCountAttributes, HeadCountElement } from './types.js'

define('/socket')
