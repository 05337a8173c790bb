import { describe, expect, test } from 'vitest'
import { Folder } from '../test/folder.js'

const folder = new Folder()

describe('what only shows where settings meet', () => {
  test('settle asks for people, and the one who gave it is named', async () => {
    const because = /^--settle: topic pattern "\*": expected unit "people" beside a settle of 5 ms/
    expect((await folder.refused('--settle 5'))[0]).toMatch(because)
    expect((await folder.refused('', { HEADCOUNT_SETTLE: '5' }))[0]).toMatch(/^HEADCOUNT_SETTLE: topic pattern/)
    await folder.config({ topics: [{ pattern: 'a', settle: 5 }] })
    expect((await folder.refused())[0]).toMatch(
      /^topics in headcount.config.json: topic pattern "a": expected unit "people"/,
    )
  })

  test('a default settle is for the patterns that count people', async () => {
    await folder.config({ settle: 5, topics: [{ pattern: 'a', unit: 'people' }] })
    expect((await folder.load()).topics).toMatchObject([{ pattern: 'a', settle: 5 }])
  })

  test('a pattern must be one', async () => {
    expect((await folder.refused('--topics a*b'))[0]).toMatch(
      /^--topics: topic pattern "a\*b": expected a topic's name/,
    )
  })

  test('to reject invalid tokens takes something to check them with', async () => {
    expect((await folder.refused('', { HEADCOUNT_INVALID_TOKEN: 'reject' }))[0]).toMatch(
      /^HEADCOUNT_INVALID_TOKEN: expected HEADCOUNT_JWT_SECRET or HEADCOUNT_JWKS_URL beside "reject", got neither/,
    )
  })

  test('the shortest flush is not longer than the longest', async () => {
    await folder.config({ flush: { minimum: 3000 } })
    expect(await folder.refused()).toEqual([
      'flush.minimum in headcount.config.json: expected no more than flush.maximum, got 3000 and 2000',
    ])
  })

  test('people over Redis take a secret that all servers share', async () => {
    const line = '--redis redis://a --unit people'
    expect((await folder.refused(line))[0]).toMatch(/^HEADCOUNT_SECRET: expected a secret that all servers share/)
    expect((await folder.refused(`${line} --demo`))[0]).toMatch(/^HEADCOUNT_SECRET/)
    await folder.load(line, { HEADCOUNT_SECRET: 'x'.repeat(32) })
    await folder.load(line, { HEADCOUNT_JWT_SECRET: 'x'.repeat(32) })
    await folder.load('--redis redis://a')
  })
})

describe('secrets', () => {
  const planted = 'hunter2'

  test('are in no message, whatever else is wrong', async () => {
    await folder.config({
      port: 'x',
      secret: [planted],
      operatorKey: { key: planted },
      auth: { secret: 7, jwksUrl: `ftp://me:${planted}@id.example` },
      redis: `http://:${planted}@redis.example`,
    })
    const lines = await folder.refused('', {
      HEADCOUNT_JWT_SECRET: planted,
      HEADCOUNT_REDIS_URL: `rdis://me:${planted}@a,me:${planted}@b`,
      HEADCOUNT_PORT: 'y',
    })
    expect(lines).toHaveLength(9)
    expect(lines.join('\n')).not.toContain(planted)
    expect(lines).toContain('secret in headcount.config.json: expected a secret, got a list of 1')
    expect(lines).toContain('HEADCOUNT_REDIS_URL: expected a redis:// or rediss:// URL, got "rdis://…@a"')
  })

  test('that are short are warned of, without them', async () => {
    const { warnings } = await folder.load('', {
      HEADCOUNT_JWT_SECRET: planted,
      HEADCOUNT_OPERATOR_KEY: 'x'.repeat(32),
    })
    expect(warnings).toEqual(['HEADCOUNT_JWT_SECRET: expected 32 bytes or more, got fewer, which can be guessed'])
  })

  test('beside the demo are warned of: it signs tokens with them', async () => {
    const { warnings } = await folder.load('--demo', { HEADCOUNT_JWT_SECRET: 'x'.repeat(32) })
    expect(warnings).toEqual([expect.stringMatching(/^--demo: expected no JWT secret beside the demo, got one/)])
  })
})
