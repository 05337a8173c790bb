import { describe, expect, test } from 'vitest'
import { Folder } from '../test/folder.js'

const folder = new Folder()

describe('a wrong setting is named as it was given, with what was expected and what was got', () => {
  test.each([
    ['--port abc', '--port: expected a whole number from 0 to 65535, got "abc"'],
    ['--port 65536', '--port: expected a whole number from 0 to 65535, got 65536'],
    ['--port -1', '--port: expected a whole number from 0 to 65535, got -1'],
    ['--port 0x50', '--port: expected a whole number from 0 to 65535, got "0x50"'],
    ['--port 80.5', '--port: expected a whole number from 0 to 65535, got 80.5'],
    ['--workers 0', '--workers: expected a whole number from 1 to 256, or auto, got 0'],
    ['--workers many', '--workers: expected a whole number from 1 to 256, or auto, got "many"'],
    ['--unit tabs', '--unit: expected one of connections, people, got "tabs"'],
    ['--settle 5s', '--settle: expected a whole number from 0 to 86400000, got "5s"'],
    ['--lease 10', '--lease: expected a whole number of ms from 100 to 86400000, got 10'],
    ['--origins example.com', '--origins: expected an origin such as https://example.com, or *, got "example.com"'],
    [
      '--origins https://a.example/path',
      '--origins: expected an origin such as https://example.com, or *, got "https://a.example/path"',
    ],
    ['--redis localhost:6379', '--redis: expected a redis:// or rediss:// URL, got "localhost:6379"'],
    ['--log-level loud', '--log-level: expected one of debug, info, warn, error, silent, got "loud"'],
  ])('%s', async (line, message) => {
    expect(await folder.refused(line)).toEqual([message])
  })

  test.each([
    ['HEADCOUNT_PORT', 'tcp://10.0.0.1:4000', 'expected a whole number from 0 to 65535, got "tcp://10.0.0.1:4000"'],
    ['HEADCOUNT_JWKS_URL', 'id.example', 'expected an http or https URL, got "id.example"'],
    ['HEADCOUNT_DEMO_URL', 'http://a.example', 'expected a ws:// or wss:// URL, got "http://a.example"'],
    ['HEADCOUNT_INVALID_TOKEN', 'drop', 'expected one of viewer, reject, got "drop"'],
    ['HEADCOUNT_REDIS_URL', ',', 'expected one or more Redis URLs, got a list of 0'],
  ])('%s=%s', async (name, value, message) => {
    expect(await folder.refused('', { [name]: value })).toEqual([`${name}: ${message}`])
  })

  test.each<[object, string]>([
    [{ port: '80' }, 'port in headcount.config.json: expected a whole number from 0 to 65535, got "80"'],
    [{ port: null }, 'port in headcount.config.json: expected a whole number from 0 to 65535, got null'],
    [{ demo: 'yes' }, 'demo in headcount.config.json: expected true or false, got "yes"'],
    [{ topics: [] }, 'topics in headcount.config.json: expected one or more topic patterns, got a list of 0'],
    [
      { topics: ['a', 7] },
      'topics[1] in headcount.config.json: expected a topic pattern such as video:*, or an object with one, got 7',
    ],
    [
      { topics: [{ pattern: 'a', unit: 'tabs' }] },
      'topics[0].unit in headcount.config.json: expected one of connections, people, got "tabs"',
    ],
    [
      { topics: [{ unit: 'people' }] },
      'topics[0].pattern in headcount.config.json: expected a topic pattern such as video:*, got undefined',
    ],
    [
      { groups: ['one'] },
      'groups in headcount.config.json: expected a list of two or more different names, got a list of 1',
    ],
    [
      { groups: ['a', 'a'] },
      'groups in headcount.config.json: expected a list of two or more different names, got a list of 2',
    ],
    [{ auth: 'secret' }, 'auth in headcount.config.json: expected an object, got "secret"'],
    [
      { limits: { heartbeat: 1 } },
      'limits.heartbeat in headcount.config.json: expected a whole number of ms from 100 to 86400000, got 1',
    ],
  ])('%j', async (value, message) => {
    await folder.config(value)
    expect(await folder.refused()).toEqual([message])
  })

  test('all that is wrong is said at once', async () => {
    await folder.config({ lease: 1 })
    const lines = await folder.refused('--port abc --unit tabs', {
      HEADCOUNT_HOST: 'ok',
      HEADCOUNT_SETTLE: 'x',
    })
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'lease in headcount.config.json',
      'HEADCOUNT_SETTLE',
      '--port',
      '--unit',
    ])
  })
})

test('an unknown key is named, with the one that was likely meant', async () => {
  await folder.config({
    prot: 1,
    auth: { claims: 'x' },
    topics: [{ pattern: 'a', grce: 1 }],
    limits: { zzzzzz: 1 },
  })
  expect((await folder.refused()).sort()).toEqual([
    'auth.claims in headcount.config.json: expected a known key, got claims; did you mean claim?',
    'limits.zzzzzz in headcount.config.json: expected a known key, got zzzzzz',
    'prot in headcount.config.json: expected a known key, got prot; did you mean port?',
    'topics[0].grce in headcount.config.json: expected a known key, got grce; did you mean settle?',
  ])
})
