import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { contrastOf, widthsOf } from '../browser/looks.js'
import { launchChromium } from '../support/chromium.mjs'
import { describeWith } from '../support/needs.js'
import { startServer } from '../support/server.mjs'
import { ClusterDemo } from './cluster-demo.js'

/** Six processes and a browser on a busy machine take their time. */
const slowly = { timeout: 30_000, interval: 20 }
vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 })

describeWith('redis', 'the demo of a cluster', () => {
  describeWith('chromium', 'on its page', () => {
    let browser: Browser
    let demo: ClusterDemo
    let contexts: BrowserContext[] = []

    beforeAll(async () => {
      browser = await launchChromium()
      demo = await new ClusterDemo().started()
    })
    afterAll(async () => {
      await browser.close()
      await demo.remove()
    })
    afterEach(async () => {
      await Promise.all(contexts.map((context) => context.close()))
      contexts = []
    })

    async function tab(options: BrowserContextOptions = {}, url = demo.url): Promise<Page> {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
      contexts.push(context)
      const page = await context.newPage()
      await page.goto(url)
      return page
    }

    /** Two tabs, which the balancer puts on two replicas. */
    async function twoTabs(): Promise<[Page, Page]> {
      const first = await tab()
      await shows(first, '1 viewer')
      const second = await tab()
      for (const page of [first, second]) await shows(page, '2 viewers')
      return [first, second]
    }

    it('counts two tabs on two replicas, and shows all three', async () => {
      const [first, second] = await twoTabs()
      for (const page of [first, second]) {
        await tells(page, '3 of 3 replicas up.')
        await expect.poll(async () => (await socketsOn(page)).sort(), slowly).toEqual([0, 1, 1])
      }
      await second.getByTestId('sign-in').click()
      for (const page of [first, second]) await shows(page, '1 user, 1 viewer')
    })

    it('spreads a crowd, which moves on when a replica drains', async () => {
      const page = await tab()
      await tells(page, '3 of 3 replicas up.')
      await page.getByTestId('crowd').fill('45')
      await expect.poll(async () => Math.min(...(await socketsOn(page))), slowly).toBeGreaterThan(8)
      demo.child.type('stop 1')
      await tells(page, '2 of 3 replicas up.')
      await expect.poll(async () => (await socketsOn(page)).reduce((a, b) => a + b), slowly).toBeGreaterThan(35)
      demo.child.type('start 1')
      await tells(page, '3 of 3 replicas up.')
      await page.getByTestId('crowd').fill('0')
      await shows(page, '1 viewer')
    })

    it('shows a killed replica gone, and brings its tabs back to the right count', async () => {
      const pages = await twoTabs()
      await expect.poll(async () => (await socketsOn(pages[0])).sort(), slowly).toEqual([0, 1, 1])
      const held = (await socketsOn(pages[0])).indexOf(1) + 1
      process.kill((await demo.pids()).get(`replica ${held}`)!, 'SIGKILL')
      for (const page of pages) {
        await tells(page, '2 of 3 replicas up.')
        await expect.poll(() => statesOn(page), slowly).toHaveLength(3)
        expect((await statesOn(page))[held - 1]).toBe('gone')
      }
      // Both have a socket again, on what is left, before the count is looked at.
      await expect.poll(async () => (await socketsOn(pages[0])).reduce((a, b) => a + b), slowly).toBe(2)
      for (const page of pages) await shows(page, '2 viewers')
      demo.child.type(`start ${held}`)
      for (const page of pages) await tells(page, '3 of 3 replicas up.')
      for (const page of pages) await shows(page, '2 viewers')
    })

    it('sends the tabs of a paused replica elsewhere, and takes it back', async () => {
      const pages = await twoTabs()
      await expect.poll(async () => (await socketsOn(pages[0])).sort(), slowly).toEqual([0, 1, 1])
      const held = (await socketsOn(pages[0])).indexOf(1) + 1
      demo.child.type(`pause ${held}`)
      await expect.poll(async () => (await statesOn(pages[0]))[held - 1], slowly).toBe('paused')
      await expect.poll(async () => (await socketsOn(pages[0])).reduce((a, b) => a + b), slowly).toBe(2)
      for (const page of pages) await shows(page, '2 viewers')
      demo.child.type(`resume ${held}`)
      for (const page of pages) await tells(page, '3 of 3 replicas up.')
      for (const page of pages) await shows(page, '2 viewers')
    })

    it('says that Redis is gone, goes on, and is right after its return', async () => {
      const pages = await twoTabs()
      process.kill((await demo.pids()).get('Redis')!, 'SIGKILL')
      for (const page of pages) {
        await expect.poll(() => page.getByTestId('redis').textContent(), slowly).toBe('Redis gone')
        await shows(page, '2 viewers')
      }
      // Also a new page is served, although no replica calls itself ready.
      await shows(await tab(), /viewer/)
      demo.child.type('redis start')
      for (const page of pages) await tells(page, '3 of 3 replicas up.')
      for (const page of pages) await shows(page, '3 viewers')
    })

    it.each([390, 320])('fits a phone that is %i wide, also in the dark', async (width) => {
      const page = await tab({
        viewport: { width, height: 844 },
        isMobile: true,
        hasTouch: true,
        colorScheme: 'dark',
      })
      await tells(page, '3 of 3 replicas up.')
      const { content, window } = await widthsOf(page)
      expect(window).toBe(width)
      expect(content).toBeLessThanOrEqual(width)
      for (const part of [page.getByTestId('replica').first(), page.getByTestId('cluster-told')]) {
        expect((await contrastOf(part)).contrast).toBeGreaterThan(4.5)
      }
    })

    it('is not there on the page of a server of its own, which asks for none', async () => {
      const server = await startServer(['--demo'])
      try {
        const page = await tab({}, 'about:blank')
        const asked: string[] = []
        page.on('request', (request) => asked.push(new URL(request.url()).pathname))
        await page.goto(server.url)
        await shows(page, '1 viewer')
        expect(await page.getByTestId('cluster').count()).toBe(0)
        expect(asked).not.toContain('/cluster')
      } finally {
        await server.stop()
      }
    })
  })
})

/** Waits until the page's count reads so. */
async function shows(page: Page, text: string | RegExp): Promise<void> {
  const count = expect.poll(() => page.getByTestId('presence').textContent(), slowly)
  await (typeof text === 'string' ? count.toBe(text) : count.toMatch(text))
}

/** Waits until the page says so of its cluster. */
async function tells(page: Page, text: string): Promise<void> {
  await expect.poll(() => page.getByTestId('cluster-told').textContent(), slowly).toBe(text)
}

/** The sockets of each replica, as the page shows them; 0 where it shows none. */
async function socketsOn(page: Page): Promise<number[]> {
  const texts = await page.getByTestId('replica').allTextContents()
  return texts.map((text) => Number(/ (\d+) sockets?$/.exec(text)?.[1] ?? 0))
}

function statesOn(page: Page): Promise<(string | null)[]> {
  return page.getByTestId('replica').evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('data-state')))
}
