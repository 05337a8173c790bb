import type { TopicSnapshot } from '@headcount/client'
import type { Labels } from './labels.js'

/** One group in words. `text` is `before`, the number and `after` in one. */
export interface Phrase {
  readonly group: string
  readonly before: string
  readonly number: string
  readonly after: string
  readonly text: string
}

/** Phrases, and plain text between them or in their place. */
export type Sentence = readonly (Phrase | string)[]

export interface Style {
  readonly labels: Labels
  /** A BCP 47 tag: of numbers, plurals and commas. */
  readonly locale: string
  /** "1.2K" for 1,234. */
  readonly compact: boolean
}

/** What is seen: "12 users, 340 viewers". Groups in which nobody is are left out. */
export function sentence(snapshot: TopicSnapshot, style: Style): Sentence {
  const { status } = snapshot
  if (status === 'refused') return [style.labels.refused]
  const phrases = phrasesOf(snapshot, style)
  if (phrases.length > 0) return list(phrases, style.locale)
  return [status === 'connecting' ? style.labels.connecting : style.labels.nobody]
}

/** What is heard: the same with whole numbers; nothing while there is nothing to tell. */
export function announcement(snapshot: TopicSnapshot, style: Style): string {
  const words = sentence(snapshot, { ...style, compact: false })
  if (snapshot.status === 'connecting' && words.every((word) => typeof word === 'string')) return ''
  return snapshot.status === 'stale' ? `${textOf(words)} (${style.labels.stale})` : textOf(words)
}

export function textOf(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : part.text)).join('')
}

function phrasesOf({ counts }: TopicSnapshot, { labels, locale, compact }: Style): Phrase[] {
  const numbers = new Intl.NumberFormat(locale, compact ? { notation: 'compact' } : {})
  const plurals = new Intl.PluralRules(locale)
  return Object.entries(counts)
    .filter(([, { count }]) => count > 0)
    .map(([group, { count }]) => {
      const forms = labels.groups[group] ?? { other: `# ${group}` }
      const [before = '', after = ''] = (forms[plurals.select(count)] ?? forms.other).split('#')
      const number = numbers.format(count)
      return { group, before, number, after, text: before + number + after }
    })
}

function list(phrases: readonly Phrase[], locale: string): Sentence {
  const rest = [...phrases]
  return new Intl.ListFormat(locale, { type: 'unit' })
    .formatToParts(phrases.map(({ text }) => text))
    .map((part) => (part.type === 'element' ? rest.shift()! : part.value))
}
