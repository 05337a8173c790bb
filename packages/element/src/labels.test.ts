// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { labelsOf } from './labels.js'

/** The words of a language, of an element with these labels. */
function words(language: string, labels: Readonly<Record<string, string>>) {
  const host = document.createElement('p')
  for (const [name, text] of Object.entries(labels)) host.setAttribute(`label-${name}`, text)
  return labelsOf(host, language)
}

test('missing words are English', () => {
  const labels = words('en', { empty: 'Just you' })
  expect([labels.empty, labels.below, labels.groups.viewers]).toEqual([
    'Just you',
    'fewer than #',
    { one: '# viewer', other: '# viewers' },
  ])
  expect(labels.groups.guests).toBeUndefined()
})

test('forms follow the plural categories of the language, and the last one is used for missing ones', () => {
  const forms = { guests: ' a # | b # |c #' }
  const of = (language: string, category: Intl.LDMLPluralRule) => words(language, forms).groups.guests?.[category]
  expect(['one', 'few', 'many', 'other'].map((category) => of('ru', category as 'one'))).toEqual([
    'a #',
    'b #',
    'c #',
    'c #',
  ])
  expect([of('en', 'one'), of('en', 'other'), of('ja', 'other')]).toEqual(['a #', 'b #', 'a #'])
})

test('an invalid language tag is English', () => {
  expect(words('x', { guests: 'a # | b #' }).groups.guests?.other).toBe('b #')
})
