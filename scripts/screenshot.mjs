// `npm run screenshot`: takes the README's pictures from the running demo, with a small crowd that comes in.
import { setTimeout as wait } from 'node:timers/promises'
import { launchChromium } from '../tests/support/chromium.mjs'
import { startServer } from '../tests/support/server.mjs'
import { root } from './lib/run.mjs'

const server = await startServer(['--demo'])
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
  // The plot shows a minute: people come, some go, more come.
  for (const people of [12, 30, 55, 48, 80, 104, 92, 120, 146, 131, 160, 184]) {
    await desktop.getByTestId('crowd').fill(String(people))
    await wait(4000)
  }
  await take(desktop, 'docs/demo.png')
  await take(phone, 'docs/demo-phone.png')
} finally {
  await browser.close()
  await server.stop()
}

/** @param {import('playwright-core').BrowserContextOptions} options */
async function open(options) {
  const context = await browser.newContext({ ...options, deviceScaleFactor: 1.5 })
  const page = await context.newPage()
  await page.goto(server.url)
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
