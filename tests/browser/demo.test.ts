import { launchChromium } from '@headcount/tools/processes/chromium.mjs'
import { type Demo, startDemo } from '@headcount/tools/processes/demo.mjs'
import { startRedis } from '@headcount/tools/processes/redis.mjs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { findingsInAllLooks } from '../support/axe.js'
import { describeWith } from '../support/needs.js'

const slow = { timeout: 20_000, interval: 20 }
vi.setConfig({ testTimeout: 90_000 })

describeWith('chromium', 'the demo page', () => {
  let browser: Browser
  let demo: Demo
  /** Each test watches another video. */
  let video = 100
  let logged: string[] = []
  const undo: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    ;[browser, demo] = await Promise.all([launchChromium(), startDemo()])
  })
  afterAll(() => Promise.all([browser.close(), demo.stop()]))
  afterEach(async () => {
    video++
    for (const act of undo.splice(0).reverse()) await act()
    expect(logged.splice(0).filter((line) => /^(error|warning)/.test(line))).toEqual([])
  })

  /** A page in a separate browser profile. */
  async function visit(options: BrowserContextOptions = {}, url = `${demo.url}/?v=${video}`): Promise<Page> {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
    undo.push(() => context.close())
    context.on('weberror', (error) => logged.push(`error: ${error.error().message}`))
    context.on('console', (message) => logged.push(`${message.type()}: ${message.text()}`))
    const page = await context.newPage()
    await page.goto(url)
    return page
  }

  test('each tab counts while the video plays, and a closed tab no longer counts', async () => {
    const first = await visit({ reducedMotion: 'no-preference' })
    await shows(first, '1 viewer')
    const second = await visit()
    for (const page of [first, second]) await shows(page, '2 viewers')
    await second.close()
    await shows(first, '1 viewer')
  })

  test('has no serious finding of axe, and fits its window, in each size and color scheme', async () => {
    const page = await visit()
    await shows(page, '1 viewer')
    expect(await findingsInAllLooks(page)).toEqual([])
  })

  test('a reload does not change the count', async () => {
    const [first, second] = [await visit(), await visit()]
    await shows(first, '2 viewers')
    const shown = await record(first)
    // On a busy machine a reload may outlast the settle time of 1 s: one that does not is enough.
    const reload = async () => {
      await second.reload()
      await shows(second, '2 viewers')
      return shown.evaluate((texts) => texts.splice(0))
    }
    await expect.poll(reload, { timeout: 60_000 }).toEqual([])
  })

  test('a visitor who signs in becomes a user, and a viewer again after signing out', async () => {
    const [first, second] = [await visit(), await visit()]
    await second.getByTestId('sign-in').click()
    for (const page of [first, second]) await shows(page, '1 user, 1 viewer')
    await second.reload()
    await shows(second, '1 user, 1 viewer')
    await second.getByTestId('sign-out').click()
    for (const page of [first, second]) await shows(page, '2 viewers')
  })

  test('three tabs of a visitor who is counted once are one viewer, also when the first is closed', async () => {
    const [first, other] = [await visit(), await visit()]
    await shows(other, '2 viewers')
    await first.getByLabel('once, however many tabs I open').check()
    for (let more = 0; more < 2; more++) {
      const tab = await first.context().newPage()
      await tab.goto(first.url())
      await tab.getByText('it is the same person').waitFor()
      await shows(tab, '2 viewers')
    }
    const shown = await record(other)
    await first.close()
    await other.waitForTimeout(2_000)
    expect(await shown.evaluate((texts) => texts)).toEqual([])
    await shows(other, '2 viewers')
  })

  test('a small audience is fewer than five, even for its members', async () => {
    const page = await visit({}, `${demo.url}/?v=7`)
    await shows(page, 'fewer than 5 users, fewer than 5 viewers')
    await page.locator('.figures').getByText('< 5').first().waitFor()
    await page.getByText('Counts below five are not shown, nor plotted.').waitFor()
    expect(await page.getByText('See the count move').count()).toBe(0)
  })

  test('a crowd joins and leaves, and sliders move only by hand', async () => {
    const page = await visit({}, demo.url)
    await shows(page, '1 viewer')
    await page.getByLabel('People').fill('40')
    // Part of a crowd is always about to reconnect.
    await expect
      .poll(() => page.getByTestId('presence').textContent(), slow)
      .toMatch(/^\d+ users, (2[5-9]|3[01]) viewers$/)
    for (let presses = 0; presses < 3; presses++) await page.getByLabel('People').press('ArrowLeft')
    await expect(page.getByLabel('Signed in').inputValue()).resolves.toBe('25')
    await page.getByText(/ of 37 have joined|All 37/).waitFor()
    expect((await page.getByTestId('plot').boundingBox())?.height).toBeGreaterThan(60)
    await page.getByLabel('People').fill('0')
    await shows(page, '1 viewer')
  })

  test('the plot shows the time before the page was opened', async () => {
    await shows(await visit(), '1 viewer')
    const page = await visit()
    await shows(page, '2 viewers')
    // Its own samples begin a second after it: one of an audience of one is of the past.
    const steps = () => page.locator('.plot [data-group="viewers"] .plot-line').getAttribute('d')
    await expect.poll(steps, slow).toMatch(/^M-\d+(\.\d+)? -(1|1\.\d+)H/)
  })

  test('a page reconnects by itself after the server has restarted', async () => {
    const page = await visit()
    await shows(page, '1 viewer')
    await demo.kill()
    await demo.start()
    await shows(await visit(), '2 viewers')
    await shows(page, '2 viewers')
    // What the page had requested from the killed server failed.
    logged = logged.filter((text) => !/WebSocket|net::ERR_/.test(text))
  })

  test('fits a phone 320 px wide, and has a dark and a light look', async () => {
    const viewport = { width: 320, height: 844 }
    const page = await visit({ viewport, colorScheme: 'dark', isMobile: true, hasTouch: true })
    await page.getByTestId('sign-in').tap()
    await shows(page, '1 user')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const dark = await background()
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await background()).not.toBe(dark)
  })

  describeWith('redis', 'on a cluster', () => {
    test('shows the replicas, and a killed one as silent', async () => {
      const redis = await startRedis()
      undo.push(() => redis.remove())
      const replicas = [await startDemo(['--redis', redis.url]), await startDemo(['--redis', redis.url])]
      for (const replica of replicas) undo.push(() => replica.stop())
      const [first, second] = [await visit({}, replicas[0]!.url), await visit({}, replicas[1]!.url)]
      for (const page of [first, second]) await shows(page, '2 viewers')
      await expect.poll(() => first.getByText('1 socket').count(), slow).toBe(2)
      await second.close()
      await replicas[1]!.kill()
      await first.getByText('1 of 2 replicas up.').waitFor()
      await first.getByTestId('replica').getByText('silent').waitFor()
    })
  })
})

/** Every later text of the count on the page. */
function record(page: Page) {
  return page.evaluateHandle(() => {
    const texts: (string | null)[] = []
    const count = document.querySelector('[data-testid="presence"]')!
    new MutationObserver(() => texts.push(count.textContent)).observe(count, { characterData: true, subtree: true })
    return texts
  })
}

/** Waits until the count on the page has this text. */
async function shows(page: Page, text: string): Promise<void> {
  await expect.poll(() => page.getByTestId('presence').textContent(), slow).toBe(text)
}
