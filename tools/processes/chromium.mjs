import { chromium } from 'playwright-core'
import { pathOf } from './programs.mjs'

/**
 * Starts the Chromium (or Chrome) of this machine, headless, with a fresh profile and no background traffic.
 *
 * @param {string[]} [ignoreDefaultArgs] Flags of Playwright to leave out.
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function launchChromium(ignoreDefaultArgs = []) {
  return chromium.launch({
    executablePath: pathOf('chromium'),
    headless: true,
    ignoreDefaultArgs,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
