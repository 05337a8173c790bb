/** The two texts of a badge, and their colors. */
export interface Badge {
  readonly label: string
  readonly message: string
  readonly labelColor: BadgeColor
  readonly color: BadgeColor
}

/** The color names of badges: those of shields.io. */
const colors = {
  brightgreen: '#4c1',
  green: '#97ca00',
  yellowgreen: '#a4a61d',
  yellow: '#dfb317',
  orange: '#fe7d37',
  red: '#e05d44',
  blue: '#007ec6',
  grey: '#555',
  lightgrey: '#9f9f9f',
  black: '#000',
} as const

export type BadgeColor = keyof typeof colors
export const badgeColors = Object.keys(colors) as BadgeColor[]

/** Longest label, in characters. */
export const maxLabel = 40

/** The estimated width of a character and the margins of a part, in px. */
const [characterWidth, margins] = [7, 10]

/** Created lazily: it would take a tenth of a server's start time. */
let compact: Intl.NumberFormat | undefined

/** A count as a badge shows it: `340`, `1.2k`, `3m`. */
export function badgeNumber(count: number): string {
  compact ??= new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
  return compact.format(count).toLowerCase()
}

export function isBadgeColor(name: string): name is BadgeColor {
  return Object.hasOwn(colors, name)
}

/** Forbidden in a label: characters that are invalid in XML, end a line or change the direction of text. */
const forbidden = /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

/** A label needs at least one of these: not only spaces, zero-width characters, bare marks or empty braille cells. */
const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Mark}\u2800]/u

/** Whether a text may be a label: 1 to 40 characters, at least one of them visible. */
export function isBadgeLabel(text: string): boolean {
  return [...text].length <= maxLabel && visible.test(text) && !forbidden.test(text)
}

/** An image of 20 px height, with the message as its accessible name too. */
export function badgeSvg({ label, message, labelColor, color }: Badge): string {
  const [left, right] = [label, message].map((text) => [...text].length * characterWidth + margins) as [number, number]
  const [name, value] = [escapeXml(label), escapeXml(message)]
  const textAt = (text: string, start: number, width: number): string => {
    const place = `x="${start + width / 2}" y="14" textLength="${width - margins}" lengthAdjust="spacingAndGlyphs"`
    return `<text ${place}>${text}</text>`
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" `,
    `aria-label="${name}: ${value}"><title>${name}: ${value}</title>`,
    `<rect width="${left}" height="20" fill="${colors[labelColor]}"/>`,
    `<rect x="${left}" width="${right}" height="20" fill="${colors[color]}"/>`,
    '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">',
    `${textAt(name, 0, left)}${textAt(value, left, right)}</g></svg>`,
  ].join('')
}

/** The JSON that shields.io's "endpoint" badge reads. @param cacheSeconds how long it may be cached. */
export function badgeEndpoint({ label, message, labelColor, color }: Badge, cacheSeconds: number): string {
  return JSON.stringify({ schemaVersion: 1, label, message, labelColor, color, cacheSeconds })
}

function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
