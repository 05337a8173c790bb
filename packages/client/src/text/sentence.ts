import type { Group } from '@headcount/protocol'
import type { TopicSnapshot } from '../store.js'
import type { Labels } from './labels.js'
import { localeOf } from './locale.js'

/** The text of one group: `before`, `number` and `after`. */
export interface Phrase {
  readonly group: string
  readonly before: string
  readonly number: string
  readonly after: string
  readonly text: string
}

/** Phrases with separators between them, or one plain text. */
export type Sentence = readonly (Phrase | string)[]

export interface Style {
  readonly labels: Labels
  /** A BCP 47 tag, for numbers, plurals and separators. `pt_BR` is read as `pt-BR`, and no tag as `en`. */
  readonly locale: string
  /** "1.2K" for 1,234. */
  readonly compact: boolean
}

/** The visible text: "12 users, fewer than 5 viewers". Groups with a count of zero are omitted. */
export function sentence(snapshot: TopicSnapshot<Group>, style: Style): Sentence {
  const { status } = snapshot
  if (status === 'refused') return [style.labels.refused]
  const phrases = phrasesOf(snapshot, style)
  if (phrases[0]) return list(phrases, localeOf(style.locale))
  return [status === 'connecting' ? style.labels.connecting : style.labels.empty]
}

/** The text for screen readers: the same with whole numbers, and empty before the first counts. */
export function announcement(snapshot: TopicSnapshot<Group>, style: Style): string {
  const text = sentence(snapshot, { ...style, compact: false })
  if (snapshot.status === 'connecting' && typeof text[0] === 'string') return ''
  return snapshot.status === 'stale' ? `${textOf(text)} (${style.labels.stale})` : textOf(text)
}

export function textOf(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : part.text)).join('')
}

function phrasesOf({ counts }: TopicSnapshot<Group>, { labels, locale: tag, compact }: Style): Phrase[] {
  const locale = localeOf(tag)
  const numbers = new Intl.NumberFormat(locale, compact ? { notation: 'compact' } : {})
  const plurals = new Intl.PluralRules(locale)
  return Object.entries(counts)
    .filter(([, { count, below }]) => count || below)
    .map(([group, { count, below = 0 }]) => {
      const forms = labels.groups[group] ?? { other: `# ${group}` }
      // The plural of "1K" is that of 1,000, also for 1,001.
      const rounded = compact && count > 999 ? count - (count % 1_000) : count
      const form = forms[plurals.select(rounded || below)] ?? forms.other
      const [before = '', mark = '', after = ''] = form.split(/(#)/)
      const number = count ? mark && numbers.format(count) : labels.below.replace('#', numbers.format(below))
      return { group, before, number, after, text: before + number + after }
    })
}

function list(phrases: readonly Phrase[], locale: string): Sentence {
  const rest = [...phrases]
  return new Intl.ListFormat(locale, { type: 'unit' })
    .formatToParts(phrases.map(({ text }) => text))
    .map((part) => (part.type === 'element' ? rest.shift()! : part.value))
}
