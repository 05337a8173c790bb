'use client'
import type { TopicSnapshot } from '@headcount/client'
import type { CSSProperties, ReactElement, ReactNode } from 'react'
import { english, type Labels } from './labels.js'
import { announcement, type Sentence, sentence, textOf } from './sentence.js'
import { type UseCountsOptions, useCounts } from './use-counts.js'
import { usePaced } from './use-paced.js'

/** Class names of the parts: what is seen, each group and number in it, and what only screen readers get. */
export interface PresenceClassNames {
  readonly shown?: string
  readonly group?: string
  readonly number?: string
  readonly announcement?: string
}

export interface PresenceProps extends UseCountsOptions {
  readonly topic: string
  /** A BCP 47 tag for numbers, plurals and commas: `en`, the language of the labels, unless given. */
  readonly locale?: string | undefined
  readonly labels?: Partial<Labels> | undefined
  /** "1.2K viewers". Screen readers still hear whole numbers. */
  readonly compact?: boolean | undefined
  /** How often at most screen readers are told, in ms: 10,000 unless given. */
  readonly announceEvery?: number | undefined
  /** `headcount` unless given. */
  readonly className?: string | undefined
  readonly classNames?: PresenceClassNames | undefined
  /** Draws what is seen in your own way. Screen readers get the words as ever, so leave nothing to operate in it. */
  readonly children?: ((presence: TopicSnapshot & { readonly text: string }) => ReactNode) | undefined
}

/**
 * "12 users, 340 viewers", live. It has no looks of its own: style it by its class names and its attribute
 * `data-status`, which is `connecting`, `live`, `stale` or `refused`.
 * @throws {HeadcountReactError} `no_provider`
 */
export function Presence({
  topic,
  observe,
  initial,
  locale = 'en',
  labels,
  compact = false,
  announceEvery = 10_000,
  className = 'headcount',
  classNames = {},
  children,
}: PresenceProps): ReactElement {
  const snapshot = useCounts(topic, { observe, initial })
  const groups = { ...english.groups, ...labels?.groups }
  const style = { labels: { ...english, ...labels, groups }, locale, compact }
  const shown = sentence(snapshot, style)
  const announced = usePaced(announcement(snapshot, style), announceEvery)
  return (
    <span className={className} data-status={snapshot.status}>
      <span className={classNames.shown} aria-hidden="true">
        {children ? children({ ...snapshot, text: textOf(shown) }) : draw(shown, classNames)}
      </span>
      <span
        className={classNames.announcement}
        style={classNames.announcement ? undefined : unseen}
        role="status"
        aria-live="polite"
        aria-atomic="true"
      >
        {announced}
      </span>
    </span>
  )
}

function draw(sentence: Sentence, classNames: PresenceClassNames): ReactNode[] {
  return sentence.map((part) => {
    if (typeof part === 'string') return part
    return (
      <span key={part.group} className={classNames.group} data-group={part.group}>
        {part.before}
        <span className={classNames.number}>{part.number}</span>
        {part.after}
      </span>
    )
  })
}

/** Out of sight, not out of hearing. */
const unseen: CSSProperties = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
}
