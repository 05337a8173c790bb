import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Results {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string | null
    readonly nodes: readonly { readonly html: string }[]
  }[]
}

/** The serious and critical findings of axe on a page, with the elements that they are about. */
async function seriousFindings(page: Page): Promise<string[]> {
  // By the protocol: a Content Security Policy may forbid scripts.
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: source })
  await page.evaluate(paintCanvas)
  const { violations } = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as Results
  await session.detach()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** Those of a page in each size and color scheme, and whether it is wider than its window. */
export async function findingsInAllLooks(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const { viewport, colorScheme } of looks) {
    await page.setViewportSize(viewport)
    await page.emulateMedia({ colorScheme })
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    const findings = [...(await seriousFindings(page)), ...(isWide ? ['wider than its window'] : [])]
    found.push(...findings.map((finding) => `${viewport.width} px, ${colorScheme}: ${finding}`))
  }
  return found
}

/** Sets the browser's default background on a page without one. Axe assumes white, even on a dark page. */
function paintCanvas(): void {
  const { body, documentElement: root } = document
  const isBare = (element: Element) => getComputedStyle(element).backgroundColor === 'rgba(0, 0, 0, 0)'
  if (isBare(body) && isBare(root)) root.style.backgroundColor = 'Canvas'
}

/** The tested sizes and color schemes of a page. */
const looks = [
  { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const
