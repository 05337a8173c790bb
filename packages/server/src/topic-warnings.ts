import type { TopicRule } from '@headcount/core'
import type { HeadcountOptions } from './options.js'

/** Warnings about topic patterns that are valid, but work otherwise than an operator would expect. */
export function topicWarnings(
  rules: readonly TopicRule[],
  { auth, limits }: Pick<HeadcountOptions, 'auth' | 'limits'>,
): string[] {
  const closed = rules.find(({ access }) => access !== 'everyone')
  const shielded = rules.find(({ shield }) => shield > 0)
  const hasKeys = auth?.secret !== undefined || auth?.jwksUrl !== undefined
  return [
    ...(closed !== undefined && !hasKeys ? [`${named(closed)} is for those with a token: ${noKeys}`] : []),
    ...(shielded !== undefined && !limits?.presencesPerAddress ? [`${named(shielded)} has a shield, ${noLimit}`] : []),
  ]
}

const named = ({ pattern }: TopicRule): string => `topic pattern ${JSON.stringify(pattern)}`

const noKeys =
  'no client can join without auth.secret (HEADCOUNT_JWT_SECRET) or auth.jwksUrl (HEADCOUNT_JWKS_URL), which verify it'

const noLimit =
  'and limits.presencesPerAddress is 0: a visitor who opens connections until the number changes learns the count'
