import { expect, test } from 'vitest'
import { localeOf } from './locale.js'

test.each([
  ['de', 'de'],
  ['pt_BR', 'pt-BR'],
  ['zh_Hans_CN', 'zh-Hans-CN'],
  ['de_DE.UTF-8', 'de-DE'],
  ['en-US@posix', 'en-US'],
  ['C', 'en'],
  ['', 'en'],
  ['*', 'en'],
])('"%s" is the locale %s', (tag, locale) => {
  expect(localeOf(tag)).toBe(locale)
})
