import { createHeadcount, type Headcount, type HeadcountOptions } from '@headcount/server'
import type { Browser, Page } from 'playwright-core'
import { test as base, expect, vi } from 'vitest'
import { launchChromium } from '../../tools/processes/chromium.mjs'
import { serveEmbedded } from '../../tools/processes/embedded.mjs'
import { Example, type ExampleOptions } from './example.js'

interface Fixtures {
  readonly install: (name: string, options?: ExampleOptions) => Promise<Example>
  /** Starts a server for the pages of the examples. */
  readonly startHeadcount: (options?: HeadcountOptions) => Promise<{ headcount: Headcount; port: number }>
  readonly browser: Browser
  /** Opens a page. The test fails if the page logs an error. */
  readonly open: (url: string) => Promise<Page>
}

/** A test of an example. Everything that it starts is stopped when it finishes. */
export const test = base.extend<Fixtures>({
  install: ({ onTestFinished }, use) =>
    use(async (name, options) => {
      const example = await Example.install(name, options)
      onTestFinished(() => example.stop())
      return example
    }),
  startHeadcount: ({ onTestFinished }, use) =>
    use(async (options) => {
      const server = await serveEmbedded(() => createHeadcount({ topics: ['video:*'], ...options }))
      onTestFinished(() => server.stop())
      return server
    }),
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the fixtures that this one uses from the pattern.
    async ({}, use) => {
      const browser = await launchChromium()
      await use(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],
  open: ({ browser, onTestFinished }, use) =>
    use(async (url) => {
      const page = await browser.newPage()
      const errors: string[] = []
      page.on('pageerror', (error) => errors.push(error.message))
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
      onTestFinished(async () => {
        await page.close()
        expect(errors).toEqual([])
      })
      // The examples have no icon, and the browser reports that as an error.
      await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }))
      await page.goto(url)
      return page
    }),
})

/** Retries until the callback does not throw. */
export const eventually = (callback: () => Promise<void>) => vi.waitFor(callback, { timeout: 30_000 })

/** Waits until the page shows the text. */
export function shows(page: Page, text: string): Promise<void> {
  return eventually(async () => expect(await page.locator('body').textContent()).toContain(text))
}
