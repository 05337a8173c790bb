import { expect, test } from 'vitest'
import { CommandLine } from '../test/command-line.js'
import { reloaded } from './reload.js'

const commandLine = new CommandLine()
const load = async (config: object) => {
  await commandLine.config({ unit: 'people', ...config })
  return commandLine.load()
}
const [old, next] = ['o'.repeat(32), 'n'.repeat(32)]

test('settings are replaced, or named if they need a restart', async () => {
  const before = await load({ auth: { secret: old }, lease: 1000, secret: old })
  const after = await load({ auth: { secret: next }, lease: 2000, secret: next })
  const { settings, changed, needRestart } = reloaded(before, after)
  expect([changed, [...needRestart].sort()]).toEqual([['auth.secret'], ['lease', 'secret']])
  expect(settings).toMatchObject({ auth: { secret: [next] }, lease: 1000, secret: old })
})

test('the key of people that is derived from the first secret is not named, even after several reloads', async () => {
  let current = await load({ auth: { secret: old } })
  for (const secret of [next, old, next]) {
    const { settings, changed, needRestart } = reloaded(current, await load({ auth: { secret } }))
    expect([changed, needRestart]).toEqual([['auth.secret'], []])
    current = settings
  }
})

test('the secrets of webhooks are replaced; if anything else of one differs, all stay until a restart', async () => {
  const whsec = (fill: string) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`
  const [first, second] = [whsec('1'), whsec('2')]
  const url = 'https://example.com/hook'
  const before = await load({ webhooks: [url], webhookSecret: first })
  const rotated = reloaded(before, await load({ webhooks: [url], webhookSecret: [second, first] }))
  expect([rotated.changed, rotated.needRestart]).toEqual([['webhooks'], []])
  expect(rotated.settings.webhooks).toEqual([{ url, secret: [second, first] }])
  const moved = reloaded(before, await load({ webhooks: [`${url}/2`], webhookSecret: second }))
  expect([moved.changed, moved.needRestart]).toEqual([[], ['webhooks']])
  expect(moved.settings.webhooks).toEqual(before.webhooks)
})
