import { expect, test } from 'vitest'
import { badgeNumber, badgeSvg, isBadgeColor, isBadgeLabel } from './badge.js'

test.each([
  [0, '0'],
  [999, '999'],
  [1_234, '1.2k'],
  [20_000, '20k'],
  [3_000_000, '3m'],
])('%i is shown as %s', (count, text) => expect(badgeNumber(count)).toBe(text))

test('a label cannot end its element or attribute', () => {
  const label = `"'></text><script>&`
  const svg = badgeSvg({ label, message: '1', labelColor: 'grey', color: 'blue' })
  expect(svg.match(/<[a-z/]+/g)).toEqual([
    '<svg',
    '<title',
    '</title',
    '<rect',
    '<rect',
    '<g',
    '<text',
    '</text',
    '<text',
    '</text',
    '</g',
    '</svg',
  ])
  expect(svg).toContain('aria-label="&quot;&#39;&gt;&lt;/text&gt;&lt;script&gt;&amp;: 1"')
})

test.each([
  ['watching', true],
  ['👩‍💻 здесь', true],
  ['x'.repeat(40), true],
  ['x'.repeat(41), false],
  ['', false],
  ['a\nb', false],
  ['a\u0000', false],
  ['a\u202eb', false],
  ['a\uffff', false],
  ['a\u2028b', false],
  [' ', false],
  ['\u00a0\u3000', false],
  ['\u200b', false],
  ['\u200d\ufe0f\u00ad', false],
  ['\u3164', false],
  ['\u2800', false],
  ['\u0301', false],
  [' e\u0301\u200d ', true],
])('%j may be a label: %s', (label, may) => expect(isBadgeLabel(label)).toBe(may))

test('only colors of a list are allowed', () => {
  expect(isBadgeColor('blue')).toBe(true)
  for (const color of ['#fff', 'Blue', 'constructor', '__proto__', 'red"/>', ''])
    expect(isBadgeColor(color)).toBe(false)
})
