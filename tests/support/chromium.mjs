import { chromium } from 'playwright-core'
import { programs } from './programs.mjs'

/**
 * Starts the machine's own Chromium (or Chrome), headless, with a fresh profile and no traffic of its own.
 *
 * @returns {Promise<import('playwright-core').Browser>}
 * @throws where the machine has none: the message says what to install.
 */
export async function launchChromium() {
  const { what, find, install } = programs.chromium
  const executablePath = find()
  if (executablePath === undefined) throw new Error(`expected ${what}, got none: ${install}`)
  return chromium.launch({
    executablePath,
    headless: true,
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
