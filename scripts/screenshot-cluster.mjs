// `npm run screenshot:cluster`: takes the README's picture of a cluster from `npm run demo:cluster`, with one replica
// killed and one paused.
import { setTimeout as wait } from 'node:timers/promises'
import { Child } from '../tests/support/child.mjs'
import { launchChromium } from '../tests/support/chromium.mjs'
import { root } from './lib/run.mjs'

const file = 'docs/cluster.png'
const script = `${root}/scripts/demo-cluster.mjs`
const demo = new Child(process.execPath, [script, '--port', '0', '--no-build', '--no-open'], {
  env: process.env,
  input: true,
})
try {
  const url = await demo.until('its address', (said) => /Headcount is at (http:\S+):/.exec(said)?.[1], {
    within: 60_000,
  })
  const browser = await launchChromium()
  try {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      deviceScaleFactor: 2,
    })
    const page = await context.newPage()
    await page.goto(url)
    await page.getByTestId('cluster').waitFor()
    for (const people of [24, 60, 90, 120]) {
      await page.getByTestId('crowd').fill(String(people))
      await wait(4000)
    }
    demo.type('kill 2')
    // Its people are counted twice until its lease has lapsed: the plot shows it.
    await wait(8000)
    demo.type('pause 3')
    await wait(9000)
    await page.getByTestId('crowd').blur()
    await page.locator('.audience').screenshot({ path: `${root}/${file}`, animations: 'disabled' })
    console.log(`${file}: ${await page.getByTestId('cluster-told').textContent()}`)
  } finally {
    await browser.close()
  }
} finally {
  await demo.stop()
}
