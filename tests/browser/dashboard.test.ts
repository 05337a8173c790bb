import { until } from '@headcount/testing'
import { launchChromium } from '@headcount/tools/processes/chromium.mjs'
import { fetchMetrics, operatorKey } from '@headcount/tools/processes/metrics.mjs'
import { startRedis } from '@headcount/tools/processes/redis.mjs'
import { type HeadcountServer, startServer } from '@headcount/tools/processes/server.mjs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LoadClient } from '../../tools/load/client.mjs'
import { Fleet } from '../../tools/load/fleet.mjs'
import { findingsInAllLooks } from '../support/axe.js'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'

/** How often a page asks, in ms. */
const interval = 5_000

describeWith('chromium', 'the dashboard', () => {
  const cleanup = cleanups()
  let browser: Browser
  let server: HeadcountServer
  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launchChromium(), startServer(['--settle', '60000'])])
    for (const topic of ['video:42', 'video:42', '<b>bold</b>']) {
      const client = new LoadClient({ url: server.url.replace('http', 'ws'), topic })
      await client.connect()
      await client.join()
    }
  })
  afterAll(() => Promise.all([browser.close(), server.kill()]))

  /** Opens the page; an error in it fails the test. */
  async function open(path = `#key=${operatorKey}`): Promise<Page> {
    const context = await browser.newContext()
    const problems: string[] = []
    const page = await context.newPage()
    page.on('pageerror', ({ message }) => problems.push(message))
    page.on('console', (message) => message.text().includes('Content Security') && problems.push(message.text()))
    cleanup(async () => {
      await context.close()
      expect(problems).toEqual([])
    })
    await page.clock.install()
    await page.goto(`${server.url}/dashboard${path}`)
    return page
  }

  test('shows sockets, the busiest topics and the replicas, and keeps the key out of its address', async () => {
    const page = await open()
    await page.getByRole('link', { name: 'video:42' }).waitFor()
    const rows = page.getByRole('region', { name: /busiest topics/ }).getByRole('row')
    expect(await rows.nth(0).textContent()).toMatch(/^TopicCount/)
    expect(await rows.nth(1).textContent()).toMatch(/^video:4220 users, 2 viewers/)
    expect(await page.locator('.figures').textContent()).toContain('Sockets3')
    expect(await page.getByRole('region', { name: /Replicas/ }).textContent()).toContain('ready')
    expect(new URL(page.url()).hash).toBe('#/')
    // A topic that looks like HTML is text.
    expect(await page.getByRole('link', { name: '<b>bold</b>' }).count()).toBe(1)
    await page.reload()
    await page.getByRole('link', { name: 'video:42' }).waitFor()
  })

  test('works behind a proxy that has it under a prefix', async () => {
    const page = await open('')
    await page.route('**/live/**', async (route) => {
      await route.fulfill({ response: await route.fetch({ url: route.request().url().replace('/live/', '/') }) })
    })
    const requested: string[] = []
    page.on('request', (request) => requested.push(new URL(request.url()).pathname))
    await page.goto(`${server.url}/live/dashboard#key=${operatorKey}`)
    await page.getByRole('link', { name: 'video:42' }).click()
    await page.getByRole('heading', { name: 'Why 2?' }).waitFor()
    expect(requested.filter((path) => !path.startsWith('/live/'))).toEqual([])
    // The page goes on requesting.
    await page.unrouteAll({ behavior: 'ignoreErrors' })
  })

  test('explains the count of a topic', async () => {
    const page = await open()
    await page.getByRole('link', { name: 'video:42' }).click()
    await page.getByRole('heading', { name: 'Why 2?' }).waitFor()
    expect(await page.locator('.sums').textContent()).toContain('in all 2 = 2 connections + 0 people')
    expect(await page.title()).toBe('video:42 – Headcount')
  })

  test('shows the source of each setting', async () => {
    const page = await open()
    await page.getByRole('link', { name: 'Settings' }).click()
    const row = page.getByRole('row', { name: /^settle / })
    expect(await row.textContent()).toBe('settle60000--settle')
    expect(await page.textContent('main')).not.toContain(operatorKey)
  })

  test('asks for the key if it has none, or a wrong one', async () => {
    const page = await open('')
    await page.getByLabel("The operator's key").fill('wrong')
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByText('The server does not accept this key').waitFor()
    await page.getByLabel("The operator's key").fill(operatorKey)
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByRole('link', { name: 'video:42' }).waitFor()
  })

  test('reports that the server does not answer, and keeps the last figures', async () => {
    const page = await open()
    await page.getByRole('link', { name: 'video:42' }).waitFor()
    await page.route('**/api/**', (route) => route.abort())
    await page.clock.fastForward(interval)
    await page.getByText(/^The server cannot be reached; shown is /).waitFor()
    expect(await page.getByRole('link', { name: 'video:42' }).count()).toBe(1)
    await page.unroute('**/api/**')
    await page.clock.fastForward(interval)
    await page.getByText(/^Live, /).waitFor()
  })

  test('can be read by keyboard: the link to the content leads to it, on the same page', async () => {
    const page = await open()
    await page.getByRole('link', { name: 'video:42' }).click()
    await page.getByRole('heading', { name: 'Why 2?' }).waitFor()
    await page.getByRole('link', { name: 'Skip to the content' }).focus()
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    expect(await page.title()).toBe('video:42 – Headcount')
    expect(new URL(page.url()).hash).toBe('#/topic/video%3A42')
  })

  test('shows the topic of a link that was cut off', async () => {
    const page = await open()
    await page.getByRole('link', { name: 'video:42' }).waitFor()
    await page.goto(`${server.url}/dashboard#/topic/caf%C3%`)
    await page.getByRole('heading', { name: 'caf%C3%' }).waitFor()
  })

  test('counts one wrong key as one', async () => {
    const page = await open('#key=wrong')
    const wrong = async () =>
      Number((await fetchMetrics(server.url)).match(/invalid_keys_total\{reason="wrong"\} (\d+)/)?.[1])
    await page.getByText('The server does not accept this key').waitFor()
    const before = await wrong()
    await page.reload()
    await page.getByText('The server does not accept this key').waitFor()
    // Metrics are a second old at most.
    await until('the wrong key to be counted', async () => (await wrong()) > before)
    expect(await wrong()).toBe(before + 1)
  })

  test('filters topics by how they begin', async () => {
    const page = await open()
    await page.getByLabel('Topics that begin with').fill('video:')
    await page.keyboard.press('Enter')
    await page.getByText('The busiest topic.').waitFor()
  })

  test('may be framed by no page, and asks no other server', async () => {
    const { headers } = await fetch(`${server.url}/dashboard`)
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/)
    const page = await open()
    const origins = new Set<string>()
    page.on('request', (request) => origins.add(new URL(request.url()).origin))
    await page.getByText(/^Live, /).waitFor()
    await Promise.all([page.waitForResponse('**/api/topics?*'), page.clock.fastForward(interval)])
    expect([...origins]).toEqual([server.url])
  })

  test('has no serious finding of axe, and fits its window, in each size and color scheme', async () => {
    const page = await open()
    const topic = page.getByRole('link', { name: 'video:42' })
    await topic.waitFor()
    expect(await findingsInAllLooks(page)).toEqual([])
    await topic.click()
    await page.getByRole('heading', { name: 'Why 2?' }).waitFor()
    expect(await findingsInAllLooks(page)).toEqual([])
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('row', { name: /^settle / }).waitFor()
    expect(await findingsInAllLooks(page)).toEqual([])
  })

  test('with 1,000 busy topics it shows the busiest quickly, fits a phone and has no serious finding', async () => {
    const busy = await startServer()
    const fleet = new Fleet()
    cleanup(() => Promise.all([fleet.stop(), busy.kill()]))
    const topics = 1_000
    await fleet.setup({ urls: [busy.url.replace('http', 'ws')], topics, prefix: 'a rather long name of a channel:' })
    // Every topic has two clients, and the first two hundred have three.
    expect(await fleet.grow({ to: 2_200, atOnce: 64, within: 20_000 })).toBe(0)
    const churn = fleet.churn({ share: 0.02, seconds: 5, within: 20_000 })

    const page = await browser.newPage()
    cleanup(() => page.close())
    await page.goto(`${busy.url}/dashboard#key=${operatorKey}`)
    await page.getByText(/^The 50 busiest topics/).waitFor()
    expect(await page.evaluate(() => performance.now())).toBeLessThan(5_000)
    expect(
      await page
        .getByRole('region', { name: /busiest topics/ })
        .getByRole('row')
        .count(),
    ).toBe(51)
    expect(await findingsInAllLooks(page)).toEqual([])
    await churn
  }, 60_000)
})

describeWith('chromium', 'the dashboard of replicas over Redis', () =>
  describeWith('redis', 'of which one is asked', () => {
    const cleanup = cleanups()

    test('shows joins and refusals of all of them, and of one alone while Redis is away', async () => {
      const redis = await startRedis()
      const servers = await Promise.all([1, 2].map(() => startServer(['--redis', redis.url, '--topics', 'video:*'])))
      const browser = await launchChromium()
      cleanup(() => Promise.all([browser.close(), redis.remove(), ...servers.map((server) => server.kill())]))
      const clients = servers.map(({ url }) => new LoadClient({ url: url.replace('http', 'ws'), topic: 'video:1' }))
      const [own, other] = clients as [LoadClient, LoadClient]
      await other.connect()
      const page = await browser.newPage()
      await page.clock.install()
      await page.goto(`${servers[0]!.url}/dashboard#key=${operatorKey}`)
      await page.getByText(/^Live, /).waitFor()
      await page.clock.fastForward(interval)
      await page.getByText('Joins: 0 a second').waitFor()
      await other.join()
      await other.join({}, 'nowhere')
      await page.clock.fastForward(interval)
      await page.getByText(/^Joins: 0\.\d+ a second/).waitFor()
      await page.getByRole('row', { name: 'unmatched topic join or push 1' }).waitFor()
      await own.connect()
      await own.join()
      await redis.kill()
      await until('the server to notice', async () => (await fetch(`${servers[0]!.url}/readyz`)).status === 503)
      await page.clock.fastForward(interval)
      await page.getByText('The engine cannot be reached: this replica is shown alone.').waitFor()
      await page.getByText('Sockets: no value now').waitFor()
      await page.getByText(/^The busiest topics are not known: /).waitFor()
      await page.getByRole('row', { name: /\(this one\) engine unreachable/ }).waitFor()
      await page.reload()
      await page.getByText('The engine cannot be reached: this replica is shown alone.').waitFor()
      await page.getByText(/^The busiest topics are not known: the engine cannot be reached/).waitFor()
      expect(await page.locator('.figures').textContent()).toContain('Sockets1Channels1')
      await page.getByRole('region', { name: /^Since each replica started/ }).waitFor()
    }, 60_000)
  }),
)
