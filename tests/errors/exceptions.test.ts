import { ClientError, type ClientErrorCode, createClient } from '@headcount/client'
import { decode, ProtocolError, type ProtocolErrorCode } from '@headcount/protocol'
import { RedisEngineError, type RedisEngineErrorCode, redisEngine } from '@headcount/redis'
import { docRows } from '@headcount/tools/docs/tables.mjs'
import { describe, expect, it } from 'vitest'
import { openReplica } from '../redis/replica.js'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'

/** Checks that each row of a table of docs/ERRORS.md is thrown, and that no code lacks a row. */
function rowsAreThrown<C extends string>(
  error: new (code: never, message: string) => Error,
  by: Record<C, () => unknown>,
) {
  const rows = docRows('ERRORS.md', error.name)

  it('docs/ERRORS.md has a row for each code, and no other', () => {
    expect(rows.map(([code]) => code)).toEqual(Object.keys(by))
  })

  it.each(rows)('%s is thrown', async (code) => {
    const thrown = await Promise.resolve()
      .then(by[code as C])
      .catch((reason) => reason)
    expect(thrown).toBeInstanceOf(error)
    expect(thrown).toHaveProperty('code', code)
  })
}

describe('ProtocolError', () => {
  rowsAreThrown<ProtocolErrorCode>(ProtocolError, {
    not_utf8_json: () => decode(2, 'x'),
    not_a_frame: () => decode(2, '{}'),
    unsupported_binary: () => decode(2, Buffer.from([9])),
  })
})

describe('ClientError', () => {
  rowsAreThrown<ClientErrorCode>(ClientError, { bad_option: () => createClient({ url: 'socket' }) })
})

describeWith('redis', 'RedisEngineError', () => {
  const redis = withRedis()
  const cleanup = cleanups()
  const options = { groups: 2, lease: 2_000, changed() {} }

  rowsAreThrown<RedisEngineErrorCode>(RedisEngineError, {
    bad_option: () => redisEngine({ urls: [] }),
    unreachable: () => redisEngine({ urls: ['redis://127.0.0.1:1'] }).open('a', options),
    async no_permission() {
      await redis().command('ACL', 'SETUSER', 'limited', 'on', '>password', '~*', '&*', '+@all', '-@scripting')
      return redisEngine({ urls: [redis().url.replace('//', '//limited:password@')] }).open('a', options)
    },
    async mismatch() {
      const { engine } = await openReplica({ urls: [redis().url] })
      cleanup(() => engine.close())
      return redisEngine({ urls: [redis().url] }).open('other', { ...options, groups: 3 })
    },
    closed: () => redisEngine({ urls: [redis().url] }).watch('a'),
  })
})
