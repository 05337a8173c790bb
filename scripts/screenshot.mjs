// `npm run screenshot`: takes the README's picture of the running demo, while a small crowd joins.
import { setTimeout as wait } from 'node:timers/promises'
import { launchChromium } from '@headcount/tools/processes/chromium.mjs'
import { startDemo } from '@headcount/tools/processes/demo.mjs'
import { root } from './lib/run.mjs'

const file = 'docs/demo.jpg'

const demo = await startDemo()
const browser = await launchChromium()
try {
  const viewport = { width: 1280, height: 800 }
  const page = await browser.newPage({ viewport, colorScheme: 'light', deviceScaleFactor: 1.5 })
  await page.goto(demo.url)
  const presence = page.getByTestId('presence')
  await presence.filter({ hasText: /viewer/ }).waitFor()
  await page.getByTestId('sign-in').click()
  // For the plot, which shows a minute.
  for (const people of [12, 30, 55, 48, 80, 104, 92, 120, 146, 131, 160, 184]) {
    await page.getByLabel('People').fill(String(people))
    await wait(4000)
  }
  await page.screenshot({ path: `${root}/${file}`, type: 'jpeg', quality: 80, animations: 'disabled' })
  console.log(`${file}: ${await presence.textContent()}`)
} finally {
  await browser.close()
  await demo.stop()
}
