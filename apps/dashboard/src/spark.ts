const svg = 'http://www.w3.org/2000/svg'
const [width, height] = [120, 24]

/** A line of the last values, for people who see it; the number beside it is for all. A gap is a gap. */
export function spark(values: readonly (number | null)[]): SVGElement {
  const element = document.createElementNS(svg, 'svg')
  element.setAttribute('class', 'spark')
  element.setAttribute('viewBox', `0 0 ${width} ${height}`)
  element.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(svg, 'path')
  path.setAttribute('d', pathOf(values))
  element.append(path)
  return element
}

/** Exported for tests. */
export function pathOf(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const x = (i: number): number => round((i / Math.max(values.length - 1, 1)) * (width - 2) + 1)
  const y = (value: number): number =>
    round(high === low ? height / 2 : height - 2 - ((value - low) / (high - low)) * (height - 4))
  return values
    .map((value, i) => (value === null ? '' : `${(values[i - 1] ?? null) === null ? 'M' : 'L'}${x(i)} ${y(value)}`))
    .join('')
}

const round = (value: number): number => Math.round(value * 10) / 10
