import uPlot from 'uplot'
import { spanOf } from './history.js'
import 'uplot/dist/uPlot.min.css'

const compact = new Intl.NumberFormat('en', { notation: 'compact' })

interface Drawn {
  readonly chart: uPlot
  /** Takes the chart off the page and stops following its size and the colour scheme. */
  remove(): void
}

/** A chart in `box` that follows its size and the page's colours. Its data are seconds, viewers and users; null is a gap. */
export function createChart(box: HTMLElement): Drawn {
  const colour = (name: string) => () => getComputedStyle(box).getPropertyValue(name)
  const font = `11px ${getComputedStyle(box).fontFamily}`
  const stepped = uPlot.paths.stepped!({ align: 1 })
  const line = { width: 2, paths: stepped, points: { show: false } }

  const chart = new uPlot(
    {
      ...sizeOf(box),
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 16, 0, 0],
      scales: {
        x: { time: false, range: (u) => windowOf(u.data[0]) },
        y: { range: (_, __, most) => [0, headroom(most)] },
      },
      series: [
        {},
        { ...line, stroke: colour('--viewers'), fill: colour('--viewers-wash') },
        // Dashed, so that two equal numbers are still two lines.
        { ...line, dash: [5, 3], stroke: colour('--users'), fill: colour('--users-wash') },
      ],
      axes: [
        {
          font,
          size: 24,
          gap: 6,
          stroke: colour('--ink-3'),
          grid: { show: false },
          ticks: { show: false },
          splits: (_, __, min, max) => [0, 1, 2].map((part) => max - ((max - min) * part) / 2).reverse(),
          values: (_, splits) => splits.map((at) => ago(splits[splits.length - 1]! - at)),
        },
        {
          font,
          size: 30,
          gap: 6,
          stroke: colour('--ink-3'),
          grid: { stroke: colour('--line'), width: 1 },
          ticks: { show: false },
          splits: (_, __, ___, max) => [0, max / 2, max],
          values: (_, splits) => splits.map((people) => compact.format(people)),
        },
      ],
    },
    [[], [], []],
    box,
  )

  const resize = new ResizeObserver(() => chart.setSize(sizeOf(box)))
  resize.observe(box)
  const scheme = window.matchMedia('(prefers-color-scheme: dark)')
  const repaint = () => chart.redraw(false)
  scheme.addEventListener('change', repaint)
  return {
    chart,
    remove() {
      resize.disconnect()
      scheme.removeEventListener('change', repaint)
      chart.destroy()
    },
  }
}

function sizeOf(box: HTMLElement): { width: number; height: number } {
  return { width: box.clientWidth, height: box.clientHeight }
}

/** From one span ago until the last sample. */
function windowOf(seconds: ArrayLike<number>): [number, number] {
  const last = seconds[seconds.length - 1] ?? 0
  return [last - spanOf(last - (seconds[0] ?? last)), last]
}

/** The top of the scale: a round, even number with a little air above the most there was. */
function headroom(most: number | null): number {
  const needed = Math.max(2, (most ?? 0) * 1.1)
  const unit = 10 ** Math.floor(Math.log10(needed))
  const round = [1, 2, 3, 4, 6, 8, 10].map((n) => n * unit)
  return round.find((n) => n >= needed && n % 2 === 0) ?? 10 * unit
}

/** `now`, `30 s ago`, `2 min ago`. */
function ago(seconds: number): string {
  if (seconds < 1) return 'now'
  return seconds < 60 ? `${Math.round(seconds)} s ago` : `${Math.round(seconds / 6) / 10} min ago`
}
