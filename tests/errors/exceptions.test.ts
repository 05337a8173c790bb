import { ClientError, type ClientErrorCode, type ClientOptions, createClient } from '@headcount/client'
import { decode, ProtocolError, type ProtocolErrorCode } from '@headcount/protocol'
import { RedisEngineError, type RedisEngineErrorCode, redisEngine } from '@headcount/redis'
import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import { docRows } from '@headcount/tools/docs/tables.mjs'
import { serveEmbedded } from '@headcount/tools/processes/embedded.mjs'
import { describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { openReplica } from '../redis/replica.js'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'

/** Checks that each row of a table of docs/ERRORS.md is thrown, and that each code has a row. */
function rowsAreThrown<C extends string>(
  error: new (code: never, message: string) => Error,
  by: Record<C, () => unknown>,
) {
  const rows = docRows('ERRORS.md', error.name)

  it('docs/ERRORS.md has exactly one row for each code', () => {
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

/** A WebSocket of a page with a forbidden origin. */
class FromElsewhere extends WebSocket {
  constructor(url: string, protocols?: string | string[]) {
    super(url, protocols, { origin: 'https://elsewhere.example' })
  }
}

describe('ClientError', () => {
  const cleanup = cleanups()
  /** Rejects with the error of a client that was subscribed to. */
  const errorOf = async (url: string, options: Partial<ClientOptions> = {}): Promise<void> => {
    const client = createClient({ url, socket: { transport: WebSocket }, ...options })
    cleanup(() => client.close())
    client.topic('lobby').subscribe(() => {})
    throw await vi.waitFor(() => client.error ?? Promise.reject(client.status))
  }
  const start = async (options: HeadcountOptions = {}): Promise<string> => {
    const server = await serveEmbedded(() => createHeadcount({ topics: ['*'], ...options }))
    cleanup(() => server.stop())
    return `ws://127.0.0.1:${server.port}/socket`
  }

  rowsAreThrown<ClientErrorCode>(ClientError, {
    bad_option: () => createClient({ url: 'socket' }),
    bad_address: () => errorOf('ws://host:99999/socket'),
    no_websocket: () => {
      vi.stubGlobal('WebSocket', undefined)
      cleanup(() => void vi.unstubAllGlobals())
      return errorOf('ws://host/socket', { socket: {} })
    },
    refused: async () => errorOf(await start(), { socket: { transport: FromElsewhere } }),
    invalid_token: async () => {
      const url = await start({ auth: { secret: 'the token secret of these tests' } })
      const client = createClient({ url, socket: { transport: WebSocket } })
      cleanup(() => client.close())
      client.topic('lobby').subscribe(() => {})
      await vi.waitUntil(() => client.status === 'live')
      client.signIn('no token')
      throw await vi.waitFor(() => client.error ?? Promise.reject(client.status))
    },
    no_token: () => errorOf('ws://host/socket', { token: () => Promise.reject(new Error('the API is unreachable')) }),
  })
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
      await openReplica(cleanup, { urls: [redis().url] })
      return redisEngine({ urls: [redis().url] }).open('other', { ...options, groups: 3 })
    },
    closed: () => redisEngine({ urls: [redis().url] }).watch('a'),
  })
})
