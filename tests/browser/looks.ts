import type { Locator, Page } from 'playwright-core'

/** How wide the page's content and its window are, in CSS pixels: a wider content scrolls sideways. */
export function widthsOf(page: Page): Promise<{ content: number; window: number }> {
  return page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }))
}

/** The contrast of an element's text (1 to 21), and the lightness (0 to 1) of what is behind it, both as WCAG has them. */
export function contrastOf(locator: Locator): Promise<{ contrast: number; background: number }> {
  return locator.evaluate((element) => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 1
    const context = canvas.getContext('2d', { willReadFrequently: true })!
    /** Any CSS colour as red, green, blue and alpha from 0 to 1: the canvas knows every notation. */
    const parsed = (color: string): number[] => {
      context.clearRect(0, 0, 1, 1)
      context.fillStyle = color
      context.fillRect(0, 0, 1, 1)
      return [...context.getImageData(0, 0, 1, 1).data].map((byte) => byte / 255)
    }
    const luminance = (color: string): number => {
      const [red, green, blue] = parsed(color).map((part) =>
        part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
      )
      return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
    }
    let behind: Element | null = element
    while (behind && parsed(getComputedStyle(behind).backgroundColor)[3]! < 1) behind = behind.parentElement
    const background = luminance(behind ? getComputedStyle(behind).backgroundColor : 'white')
    const text = luminance(getComputedStyle(element).color)
    const [dark, light] = [Math.min(text, background), Math.max(text, background)]
    return { contrast: (light + 0.05) / (dark + 0.05), background }
  })
}
