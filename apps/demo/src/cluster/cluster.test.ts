import { describe, expect, it } from 'vitest'
import { type Cluster, feedOf, sentenceOf, wordOf } from './cluster.js'

const up = { state: 'up', sockets: 2 } as const
const whole: Cluster = {
  redis: 'up',
  replicas: [
    { number: 1, ...up },
    { number: 2, ...up },
    { number: 3, ...up },
  ],
}

describe('the cluster behind the page', () => {
  it('is one only where the page says so', () => {
    expect(feedOf({ querySelector: () => null })).toBeUndefined()
    const meta = { content: '/cluster' } as HTMLMetaElement
    expect(feedOf({ querySelector: (() => meta) as Document['querySelector'] })).toBe('/cluster')
  })

  it('is told in a sentence', () => {
    expect(sentenceOf(whole)).toBe('3 of 3 replicas up.')
    const [first, ...others] = whole.replicas
    expect(sentenceOf({ ...whole, replicas: [{ ...first!, state: 'gone' }, ...others] })).toBe('2 of 3 replicas up.')
  })

  it('says what the absence of Redis means, and counts replicas that live as up', () => {
    const replicas = whole.replicas.map((replica) => ({ ...replica, state: 'unready' }) as const)
    expect(sentenceOf({ redis: 'gone', replicas })).toBe(
      '3 of 3 replicas up. Redis is gone: each goes on with its own joins and leaves.',
    )
  })

  it('shows a word for a replica that has no sockets to show', () => {
    expect(wordOf('up')).toBeUndefined()
    expect(wordOf('paused')).toBe('paused')
  })
})
