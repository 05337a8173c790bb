import { chromium } from 'playwright-core'
import { pathOf } from './programs.mjs'

/** The suggestions below the address bar: a process for each window, which takes more time than the page. */
const suggestions = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup']
/** The features that Playwright turns off: the last flag of this name wins. */
const others = [
  ...['AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades', 'LensOverlay'],
  ...['HttpsFirstBalancedModeAutoEnable', 'MediaRouter', 'PaintHolding', 'ThirdPartyStoragePartitioning'],
  ...['AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled'],
  'PreconnectToSearch',
]

/**
 * Starts the Chromium (or Chrome) of this machine, headless, with a fresh profile and no background traffic.
 *
 * @param {string[]} [ignoreDefaultArgs] Flags of Playwright to omit.
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
      `--disable-features=${[...suggestions, ...others].join()}`,
    ],
  })
}
