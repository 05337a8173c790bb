import { launchChromium } from '@headcount/tools/processes/chromium.mjs'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findingsInAllLooks } from '../support/axe.js'
import { cleanups } from '../support/cleanup.js'
import { serveElementPages } from '../support/element-page.js'
import { describeWith } from '../support/needs.js'
import { newTopic } from '../support/topics.js'

vi.setConfig({ testTimeout: 60_000 })

const secret = 's'.repeat(32)
const script = '<script type="module" src="/headcount.js"></script>'
/** The errors that elements report, in a page that runs its own scripts. */
const collectErrors = `<script>
  const errors = []
  addEventListener('error', ({ target, message }) => errors.push([target.id, message]), true)
</script>`

describeWith('chromium', '<head-count>', () => {
  const cleanup = cleanups()
  let browser: Browser
  let served: Awaited<ReturnType<typeof serveElementPages>>
  beforeAll(async () => {
    const topics = [
      { pattern: 'closed:*', access: 'users' as const },
      { pattern: 'shy:*', shield: 5 },
      { pattern: '*' },
    ]
    ;[browser, served] = await Promise.all([launchChromium(), serveElementPages({ topics, auth: { secret } })])
  })
  afterAll(() => Promise.all([browser.close(), served.stop()]))

  /** Opens a page. Its console output is in `logged`. */
  async function open(body: string, { strict = false, ...options }: BrowserContextOptions & { strict?: boolean } = {}) {
    const context = await browser.newContext(options)
    cleanup(() => context.close())
    const page = await context.newPage()
    const logged: string[] = []
    page.on('console', (message) => logged.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => logged.push(error.message))
    await page.goto(served.pageOf(body, strict ? 'strict' : 'none'))
    return Object.assign(page, { logged })
  }
  const viewers = async (topic: string) => (await served.headcount.counts(topic)).viewers.count
  const counts = (topic: string, count: number) => expect.poll(() => viewers(topic), { timeout: 10_000 }).toBe(count)
  const read = (page: Page, part: string, nth = 0) =>
    page.evaluate(
      ([part, nth]) =>
        document.querySelectorAll('head-count')[nth]?.shadowRoot?.querySelector(`[part~=${part}]`)?.textContent,
      [part, nth] as const,
    )
  const shows = (page: Page, text: string, nth = 0) =>
    expect.poll(() => read(page, 'text', nth), { timeout: 10_000, interval: 20 }).toBe(text)

  test('a page with one tag counts, and shows the counts until it is closed', async () => {
    const topic = newTopic('video')
    const body = `<head-count topic="${topic}"></head-count>${script}`
    const page = await open(body)
    await shows(page, '1 viewer')
    const other = await open(body)
    await shows(page, '2 viewers')
    served.headcount.track(topic, 'a', { group: 'users' })
    for (const each of [page, other]) await shows(each, '1 user, 2 viewers')
    await other.close()
    await shows(page, '1 user, 1 viewer')
    expect(page.logged).toEqual([])
  })

  test('an observer shows the counts and is not counted', async () => {
    const topic = newTopic('video')
    served.headcount.track(topic, 'a')
    const page = await open(`<head-count topic="${topic}" mode="observe"></head-count>${script}`)
    await shows(page, '1 viewer')
    expect(served.headcount.sockets).toBe(1)
    expect(await viewers(topic)).toBe(1)
  })

  test('elements that only read share one stream, and open no WebSocket', async () => {
    const topics = [newTopic('video'), newTopic('video')]
    for (const topic of topics) served.headcount.track(topic, 'a')
    served.requested.splice(0)
    const page = await open(
      topics.map((topic) => `<head-count topic="${topic}" mode="read"></head-count>`).join(' ') + script,
    )
    for (const nth of [0, 1]) await shows(page, '1 viewer', nth)
    served.headcount.track(topics[1]!, 'b')
    await shows(page, '2 viewers', 1)
    const streams = served.requested.filter((path) => path.startsWith('/api/counts/stream'))
    expect(streams.at(-1)).toBe(`/api/counts/stream?${new URLSearchParams(topics.map((topic) => ['topic', topic]))}`)
    expect(served.headcount.sockets).toBe(0)
    expect(await viewers(topics[0]!)).toBe(1)
    expect(page.logged).toEqual([])
  })

  test('elements share one socket, which is signed in with the token of any of them', async () => {
    const [one, two] = [newTopic('video'), newTopic('closed')]
    const page = await open(
      `<head-count topic="${one}"></head-count><head-count topic="${one}"></head-count>
       <head-count topic="${two}" token="${tokenFor(secret, '7')}"></head-count>
       <head-count topic="${one}" src="${served.url.replace('http', 'ws')}/socket"></head-count>${script}`,
    )
    for (const nth of [0, 1, 2, 3]) await shows(page, '1 user', nth)
    expect(served.headcount.sockets).toBe(1)
    await page.evaluate("document.querySelector('[token]').setAttribute('token', '')")
    await shows(page, '1 viewer')
  })

  test('it runs under a strict Content Security Policy, and its second part is only for screen readers', async () => {
    const page = await open(`<p><head-count topic="${newTopic('video')}"></head-count></p>${script}`, { strict: true })
    await shows(page, '1 viewer')
    await expect.poll(() => read(page, 'announcement')).toBe('1 viewer')
    const size = await page.evaluate(() => {
      const { shadowRoot } = document.querySelector('head-count')!
      const { width, height } = shadowRoot!.querySelector('[part=announcement]')!.getBoundingClientRect()
      return [width, height]
    })
    expect(size).toEqual([1, 1])
    expect(page.logged).toEqual([])
  })

  test('elements from before and after the script show counts, and their content until then', async () => {
    const [one, two] = [newTopic('video'), newTopic('video')]
    const body = `<head-count topic="${one}">Live count</head-count>`
    const page = await open(body)
    /** In pixels, of its content. */
    const widthOfContent = () =>
      page.locator('head-count').evaluate((element) => {
        const range = document.createRange()
        range.selectNodeContents(element)
        return range.getBoundingClientRect().width
      })
    expect(await widthOfContent()).toBeGreaterThan(0)
    await page.addScriptTag({ type: 'module', url: '/headcount.js' })
    await shows(page, '1 viewer')
    expect(await widthOfContent()).toBe(0)
    await page.addScriptTag({ type: 'module', url: '/headcount.js?again' })
    await page.evaluate((topic) => {
      document.body.append(Object.assign(document.createElement('head-count'), { id: 'made' }))
      document.getElementById('made')!.setAttribute('topic', topic)
    }, two)
    await shows(page, '1 viewer', 1)
    expect(page.logged).toEqual([])
  })

  test('a moved element stays joined, follows a change of its topic, and leaves when it is removed', async () => {
    const [one, two] = [newTopic('video'), newTopic('video')]
    const observers = `<script>
      globalThis.observers = 0
      globalThis.MutationObserver = class extends MutationObserver {
        constructor(callback) {
          super(callback)
          observers += 1
        }
      }
    </script>`
    const page = await open(`${observers}<head-count topic="${one}"></head-count><main></main>${script}`)
    await shows(page, '1 viewer')
    const flushed: number[] = []
    cleanup(served.headcount.on('counts', (topic, { viewers }) => topic === one && flushed.push(viewers.count)))
    await page.evaluate("document.querySelector('main').append(document.querySelector('head-count'))")
    await page.waitForTimeout(1_000) // more than the client waits before it leaves a topic
    expect([flushed, await viewers(one)]).toEqual([[], 1])
    expect(await page.evaluate('observers')).toBe(1)
    await page.evaluate((topic) => document.querySelector('head-count')!.setAttribute('topic', topic), two)
    await counts(two, 1)
    await counts(one, 0)
    await page.evaluate("document.querySelector('head-count').remove()")
    await counts(two, 0)
  })

  test('if WebSockets are blocked it counts over Server-Sent Events, with code that is loaded only then', async () => {
    const topic = newTopic('video')
    served.requested.splice(0)
    const body = `<head-count topic="${topic}"></head-count>${script}`
    await shows(await open(body), '1 viewer')
    const streams = '/headcount-streams.js'
    expect(served.requested).not.toContain(streams)
    served.blockWebSockets(true)
    cleanup(() => served.blockWebSockets(false))
    await shows(await open(body), '2 viewers')
    expect(served.requested).toContain(streams)
  })

  test('if a Content Security Policy blocks WebSockets it counts over Server-Sent Events at once', async () => {
    const policy = '<meta http-equiv="Content-Security-Policy" content="connect-src http:">'
    const page = await open(`${policy}<head-count topic="${newTopic('video')}"></head-count>${script}`)
    await shows(page, '1 viewer')
    expect(page.logged.filter((line) => line.includes('violates'))).toHaveLength(2)
  })

  test("a page of another site shows the counts of the script's server, or of the one that it names", async () => {
    const other = await serveElementPages({ topics: ['*'] })
    cleanup(() => other.stop())
    const topic = newTopic('video')
    served.headcount.track(topic, 'a')
    other.headcount.track(topic, 'a', { group: 'users' })
    const page = await open(
      `<head-count topic="${topic}"></head-count>
       <head-count topic="${topic}" src="/socket"></head-count>
       <head-count topic="${topic}" mode="read"></head-count>
       <script type="module" src="${other.url}/headcount.js"></script>`,
    )
    await shows(page, '1 user, 1 viewer')
    await shows(page, '2 viewers', 1)
    await shows(page, '1 user, 1 viewer', 2)
    expect(page.logged).toEqual([])
  })

  test('a screen reader gets the counts with a pause in between, in whole numbers', async () => {
    const topic = newTopic('video')
    const tag = (attributes: string) => `<head-count topic="${topic}" mode="observe" ${attributes}></head-count>`
    for (let n = 0; n < 1_234; n++) served.headcount.track(topic, `${n}`)
    const page = await open(
      `<script>
        const announced = []
        const update = () => announced.push(document.querySelector('head-count').shadowRoot.lastChild.textContent)
        customElements.whenDefined('head-count').then(() => {
          const { shadowRoot } = document.querySelector('head-count')
          new MutationObserver(update).observe(shadowRoot.lastChild, { childList: true })
        })
      </script>
      ${tag('compact announce-every="1500"')}${tag('announce-every="60000"')}${tag('announce-every="0"')}${script}`,
    )
    const hidden = (nth: number) =>
      page.evaluate((nth) => document.querySelectorAll('head-count')[nth]!.shadowRoot!.children[0]!.ariaHidden, nth)
    await shows(page, '1.2K viewers')
    for (const nth of [0, 1]) await expect.poll(() => read(page, 'announcement', nth)).toBe('1,234 viewers')
    expect([await hidden(0), await hidden(2)]).toEqual(['true', null])
    for (let n = 1_000; n < 1_010; n++) {
      served.headcount.untrack(topic, `${n}`)
      await shows(page, `${(2_233 - n).toLocaleString('en')} viewers`, 1)
    }
    await expect.poll(() => read(page, 'announcement'), { timeout: 10_000 }).toBe('1,224 viewers')
    expect([await read(page, 'announcement', 1), await read(page, 'announcement', 2)]).toEqual(['1,234 viewers', ''])
    const announced = (await page.evaluate('announced')) as string[]
    expect(announced.length).toBeLessThan(6)
  })

  test('its words and numbers follow its attributes and the language of its parents', async () => {
    const [empty, many, shy] = [newTopic('video'), newTopic('video'), newTopic('shy')]
    for (let n = 0; n < 1_234; n++) served.headcount.track(many, `${n}`)
    for (let n = 0; n < 3; n++) served.headcount.track(many, `user ${n}`, { group: 'users' })
    const russian = 'label-users="# автор | # автора | # авторов" label-viewers="зрителей: #"'
    const tags = [
      `topic="${empty}" label-empty="Niemand"`,
      `topic="${many}" lang="de_DE" label-users="# Nutzer" label-viewers="# Gast | # Gäste"`,
      `topic="${many}" lang="ru" ${russian}`,
      `topic="${many}" compact label-users="👤 #" label-viewers="👁 #"`,
      `topic="${shy}"`,
      `topic="${shy}" label-below="< #"`,
      `topic="${many}"`,
      `topic="${many}" compact="false"`,
    ]
    const page = await open(
      tags.map((tag) => `<p><head-count mode="observe" ${tag}></head-count></p>`).join('') + script,
    )
    await shows(page, 'Niemand')
    await shows(page, '3 Nutzer, 1.234 Gäste', 1)
    await shows(page, '3 автора зрителей: 1\u00a0234', 2)
    await shows(page, '👤 3, 👁 1.2K', 3)
    await shows(page, 'fewer than 5 users, fewer than 5 viewers', 4)
    await shows(page, '< 5 users, < 5 viewers', 5)
    await shows(page, '3 users, 1,234 viewers', 7)
    await page.evaluate("document.querySelector('[lang=de_DE]').removeAttribute('label-users')")
    await shows(page, '3 users, 1.234 Gäste', 1)
    await page.evaluate("document.documentElement.lang = 'de'")
    served.headcount.track(many, 'another')
    await shows(page, '3 users, 1.235 viewers', 6)
  })

  test('a page styles its parts and its states', async () => {
    const page = await open(
      `<style>
        head-count::part(number) { color: rgb(1, 2, 3) }
        head-count::part(viewers) { font-weight: 700 }
        head-count::part(stale) { opacity: 0.5 }
      </style><head-count topic="${newTopic('video')}"></head-count>${script}`,
    )
    await shows(page, '1 viewer')
    const style = (part: string) =>
      page.evaluate((part) => {
        const { color, fontWeight, opacity } = getComputedStyle(
          document.querySelector('head-count')!.shadowRoot!.querySelector(`[part~=${part}]`)!,
        )
        return { color, fontWeight, opacity }
      }, part)
    expect(await style('number')).toMatchObject({ color: 'rgb(1, 2, 3)', fontWeight: '700' })
    expect(await style('text')).toMatchObject({ opacity: '1' })
    served.blockWebSockets(true)
    cleanup(() => served.blockWebSockets(false))
    await page.context().setOffline(true)
    served.headcount.reload({})
    await page.evaluate("dispatchEvent(new Event('pagehide'))")
    await expect.poll(async () => (await style('text')).opacity).toBe('0.5')
    expect(await read(page, 'text')).toBe('1 viewer')
  })

  test('an invalid attribute and a refused topic are reported and can be corrected', async () => {
    const page = await open(
      `${collectErrors}
       <head-count id="none"></head-count>
       <head-count id="mode" topic="a" mode="obsreve"></head-count>
       <head-count id="count" topic="a" count="hidden"></head-count>
       <head-count id="tabs" topic="a" tabs="two"></head-count>
       <head-count id="src" topic="a" src="http://"></head-count>
       <head-count id="closed" topic="${newTopic('closed')}" label-refused="Nothing to see"></head-count>${script}`,
    )
    const text = 'Count unavailable'
    for (const nth of [0, 1, 2, 3, 4]) await shows(page, text, nth)
    await shows(page, 'Nothing to see', 5)
    const errors = (await page.evaluate('errors')) as [string, string][]
    expect(errors.slice(0, 4)).toEqual([
      ['none', 'expected topic, got none'],
      ['mode', 'expected mode as counted or observe or read, got "obsreve"'],
      ['count', 'expected count as open or visible, got "hidden"'],
      ['tabs', 'expected tabs as each or one, got "two"'],
    ])
    expect(errors.slice(4).map(([id]) => id)).toEqual(['src', 'closed'])
    expect(errors.at(-1)).toEqual(['closed', 'unauthorized'])
    expect(page.logged.filter((line) => line.startsWith('error: head-count:'))).toHaveLength(6)
    expect(await page.locator('#mode').evaluate((element) => element.shadowRoot!.children[0]!.part.value)).toBe(
      'text invalid',
    )
    await page.evaluate("document.getElementById('none').setAttribute('topic', 'a')")
    await shows(page, '1 viewer')
  })

  test('without scripts a page shows the badge of its topic', async () => {
    const topic = newTopic('video')
    const page = await open(
      `<head-count topic="${topic}"><noscript><img src="/badge/${topic}.svg" alt="Live count"></noscript></head-count>`,
      { javaScriptEnabled: false },
    )
    await expect.poll(() => served.requested).toContain(`/badge/${topic}.svg`)
    expect(await page.locator('img').count()).toBe(1)
  })

  test('has no serious finding of axe, and fits its window, in each size and color scheme', async () => {
    const topic = newTopic('video')
    const list = `<ul><li><head-count topic="${topic}"></head-count><li><head-count topic="closed:1"></head-count></ul>`
    const page = await open(`<main><h1>Videos</h1>${list}</main>${script}`)
    await shows(page, '1 viewer')
    expect(await findingsInAllLooks(page)).toEqual([])
  })
})
