export type { Counts, DefaultGroup, Group, TopicSnapshot, TopicStatus } from '@headcount/client'
export { getClient, setClient } from './client.js'
export { HeadcountSvelteError, type HeadcountSvelteErrorCode } from './error.js'
export { type UseCountsOptions, useCounts } from './use-counts.js'
