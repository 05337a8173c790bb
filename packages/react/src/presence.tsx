'use client'
import type { DefaultGroup, Group, TopicSnapshot } from '@headcount/client'
import { announcement, english, type Labels, type Sentence, sentence, textOf } from '@headcount/client/text'
import type { ReactElement, ReactNode } from 'react'
import { type UseCountsOptions, useCounts } from './use-counts.js'
import { useThrottled } from './use-throttled.js'

/** Class names of the visible part, of each group and number in it, and of the part for screen readers. */
export interface PresenceClassNames {
  readonly visible?: string
  readonly group?: string
  readonly number?: string
  readonly announcement?: string
}

export interface PresenceProps<G extends Group = DefaultGroup> extends UseCountsOptions<G> {
  readonly topic: string
  /** A BCP 47 tag, for numbers, plurals and separators. Default: `en`, the language of the default labels. */
  readonly locale?: string | undefined
  readonly labels?: Partial<Labels> | undefined
  /** Shows "1.2K viewers". Screen readers get whole numbers. */
  readonly compact?: boolean | undefined
  /** Minimum time in ms between two announcements to screen readers. Default: 10,000. */
  readonly announceEvery?: number | undefined
  /** Default: `headcount`. */
  readonly className?: string | undefined
  readonly classNames?: PresenceClassNames | undefined
  /**
   * Renders the visible part. It is hidden from screen readers, which get the default text: do not put interactive
   * elements in it.
   */
  readonly children?: ((presence: TopicSnapshot<G> & { readonly text: string }) => ReactNode) | undefined
}

/**
 * "12 users, 340 viewers", live. It has no styles: use its class names and its attribute `data-status`, which is
 * `connecting`, `live`, `stale` or `refused`.
 * @throws {HeadcountReactError} `no_provider`
 */
export function Presence<G extends Group = DefaultGroup>({
  topic,
  observe,
  count,
  tabs,
  initial,
  locale = 'en',
  labels,
  compact = false,
  announceEvery = 10_000,
  className = 'headcount',
  classNames = {},
  children,
}: PresenceProps<G>): ReactElement {
  const snapshot = useCounts<G>(topic, { observe, count, tabs, initial })
  const groups = { ...english.groups, ...labels?.groups }
  const style = { labels: { ...english, ...labels, groups }, locale, compact }
  const visible = sentence(snapshot, style)
  const announced = useThrottled(announcement(snapshot, style), announceEvery)
  return (
    <span className={className} data-status={snapshot.status}>
      <span className={classNames.visible} aria-hidden={announced !== '' || undefined}>
        {children ? children({ ...snapshot, text: textOf(visible) }) : render(visible, classNames)}
      </span>
      <span
        className={classNames.announcement}
        ref={classNames.announcement ? undefined : hideVisually}
        role="status"
        aria-live="polite"
        aria-atomic="true"
      >
        {announced}
      </span>
    </span>
  )
}

/**
 * Each text has its own element: translators of browsers replace text nodes, and React throws if it has to remove one
 * that is gone.
 */
function render(sentence: Sentence, classNames: PresenceClassNames): ReactNode[] {
  const text = (value: string, key?: number) => value && <span key={key}>{value}</span>
  return sentence.map((part, index) => {
    if (typeof part === 'string') return text(part, index)
    return (
      <span key={part.group} className={classNames.group} data-group={part.group}>
        {text(part.before)}
        <span className={classNames.number}>{part.number}</span>
        {text(part.after)}
      </span>
    )
  })
}

/** Sets the styles from a script: a Content Security Policy without `unsafe-inline` forbids the attribute `style`. */
function hideVisually(element: HTMLElement | null): void {
  if (!element) return
  const { style } = element
  style.position = 'absolute'
  style.width = style.height = '1px'
  style.overflow = 'hidden'
  style.clipPath = 'inset(50%)'
  style.whiteSpace = 'nowrap'
}
