import { expectTypeOf } from 'vitest'
import type { HeadCountAttributes, HeadCountElement } from './index.js'

expectTypeOf(document.querySelector('head-count')).toEqualTypeOf<HeadCountElement | null>()
const attributes: HeadCountAttributes = {
  topic: 'video:42',
  mode: 'read',
  compact: true,
  'label-users': '# user | # users',
}
attributes['label-empty'] = 'Nobody'

// @ts-expect-error a topic is needed
const none: HeadCountAttributes = { mode: 'read' }
// @ts-expect-error there is no such mode
none.mode = 'watch'
