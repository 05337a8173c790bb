export type { Counts, DefaultGroup, Group, TopicSnapshot, TopicStatus } from '@headcount/client'
export { headcount, useClient } from './client.js'
export { HeadcountVueError, type HeadcountVueErrorCode } from './error.js'
export { type UseCountsOptions, useCounts } from './use-counts.js'
