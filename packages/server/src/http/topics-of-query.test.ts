import { expect, onTestFinished, test, vi } from 'vitest'
import { topicsOfQuery } from './topics-of-query.js'

test.each<[query: string, topics: string[]]>([
  ['', []],
  ['?', []],
  ['?topics=a', []],
  ['?topic=a&topic=b', ['a', 'b']],
  ['?topic[]=a&topic%5B%5D=b', ['a', 'b']],
  ['?topic=a,b&topic=c', ['a', 'b', 'c']],
  ['?topic=a%2Cb', ['a,b']],
  ['?topic=a,', ['a', '']],
  ['?topic', ['']],
  ['?topic=a%20b+c=d', ['a b c=d']],
  ['?topic=a?b#c', ['a?b']],
])('the query %j names the topics %j', (query, topics) => {
  expect(topicsOfQuery(`http://x/api/counts${query}`)).toEqual(topics)
})

test('only encoded names are decoded: a query may have thousands of empty ones', () => {
  const decode = vi.spyOn(globalThis, 'decodeURIComponent')
  onTestFinished(() => decode.mockRestore())
  expect(topicsOfQuery(`/api/counts?${'&'.repeat(15_000)}`)).toEqual([])
  expect(topicsOfQuery(`/api/counts?topic=${','.repeat(15_000)}`)).toHaveLength(15_001)
  expect(decode).not.toHaveBeenCalled()
  expect(topicsOfQuery('/api/counts?topic=a%20b+c')).toEqual(['a b c'])
  expect(decode).toHaveBeenCalledTimes(1)
})
