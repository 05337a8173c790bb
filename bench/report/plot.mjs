/** Readable on a light page and on a dark one. */
const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 14px }
  .ours { fill: #0969da } .other { fill: #8c959f }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #4493f8 } .other { fill: #6e7681 } }`

const width = 720
const labelWidth = 210
const valueWidth = 110
const rowHeight = 26
const top = 40

/**
 * Horizontal bars, one a system.
 *
 * @typedef {object} Plot
 * @property {string} title
 * @property {readonly { label: string, value: number, shown: string, ours: boolean }[]} rows
 * @property {boolean} [log] Each tenth of the width is as many times more: for what lies far apart.
 */

/** @param {Plot} plot An SVG. */
export function svg({ title, rows, log = false }) {
  const height = top + rows.length * rowHeight + 12
  const values = rows.map(({ value }) => value)
  const room = width - labelWidth - valueWidth
  const most = Math.max(...values)
  // Where bars are logarithmic, a tenth of the least is their beginning.
  const least = Math.min(...values) / 10
  /** @param {number} value */
  const length = (value) => room * (log ? Math.log(value / least) / Math.log(most / least) : value / most)
  const bars = rows.map(({ label, value, shown, ours }, i) => {
    const y = top + i * rowHeight
    const long = Math.max(1, length(value)).toFixed(1)
    return [
      `<text x="${labelWidth - 10}" y="${y + 15}" text-anchor="end">${escaped(label)}</text>`,
      `<rect class="${ours ? 'ours' : 'other'}" x="${labelWidth}" y="${y + 2}" width="${long}" height="${rowHeight - 8}" rx="3"/>`,
      `<text x="${(labelWidth + Number(long) + 8).toFixed(1)}" y="${y + 15}">${escaped(shown)}</text>`,
    ].join('\n')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<style>${style}
</style>
<text class="title" x="12" y="22">${escaped(title)}</text>
${bars.join('\n')}
</svg>
`
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
