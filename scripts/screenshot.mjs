// `npm run screenshot`: takes the README's pictures of the running demo, while a small crowd joins.
import { setTimeout as wait } from 'node:timers/promises'
import { launchChromium } from '@headcount/tools/processes/chromium.mjs'
import { startDemo } from '@headcount/tools/processes/demo.mjs'
import { root } from './lib/run.mjs'

const demo = await startDemo()
const browser = await launchChromium()
try {
  const desktop = await open({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
  const phone = await open({
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark',
    isMobile: true,
    hasTouch: true,
  })
  await desktop.getByTestId('sign-in').click()
  // For the plot, which shows a minute.
  for (const people of [12, 30, 55, 48, 80, 104, 92, 120, 146, 131, 160, 184]) {
    await desktop.getByLabel('People').fill(String(people))
    await wait(4000)
  }
  await take(desktop, 'docs/demo.png')
  await take(phone, 'docs/demo-phone.png')
} finally {
  await browser.close()
  await demo.stop()
}

/** @param {import('playwright-core').BrowserContextOptions} options */
async function open(options) {
  const context = await browser.newContext({ ...options, deviceScaleFactor: 1.5 })
  const page = await context.newPage()
  await page.goto(demo.url)
  await page
    .getByTestId('presence')
    .filter({ hasText: /viewer/ })
    .waitFor()
  return page
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} file
 */
async function take(page, file) {
  await page.screenshot({ path: `${root}/${file}`, animations: 'disabled' })
  console.log(`${file}: ${await page.getByTestId('presence').textContent()}`)
}
