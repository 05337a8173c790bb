import uPlot from 'uplot'
import { h } from './dom.js'
import { count, rate } from './format.js'
import { spanOf } from './series.js'

export interface Line {
  readonly label: string
  readonly times: readonly number[]
  readonly values: readonly (number | null)[]
}

/** A chart that can be given new values. Its name and its newest value are its text for those who do not see it. */
export class Chart {
  readonly element: HTMLElement
  readonly #box = h('div', { class: 'chart', role: 'img' })
  readonly #caption = h('figcaption')
  #plot: uPlot | undefined

  constructor(private readonly title: string) {
    this.#box.setAttribute('aria-label', title)
    this.element = h('figure', {}, this.#caption, this.#box)
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#box)
    // Canvas does not follow the colours of the page.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#remove())
  }

  /** Shows the values. A chart that is not on the page draws nothing. */
  show({ times, values, label }: Line): void {
    const newest = values.at(-1)
    const text = newest == null ? 'no value now' : `${newest < 100 ? rate(newest) : count(Math.round(newest))} ${label}`
    this.#caption.textContent = `${this.title}: ${text}`
    this.#box.setAttribute('aria-label', this.#caption.textContent)
    if (!this.#box.isConnected) return
    const data: uPlot.AlignedData = [[...times], [...values]]
    if (this.#plot === undefined) this.#plot = new uPlot(this.#options(label), data, this.#box)
    else this.#plot.setData(data)
  }

  #remove(): void {
    this.#plot?.destroy()
    this.#plot = undefined
  }

  #size() {
    return { width: Math.max(this.#box.clientWidth, 100), height: this.#box.clientHeight }
  }

  #options(label: string): uPlot.Options {
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim()
    const axis: uPlot.Axis = {
      stroke: colour('quiet'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { show: false },
    }
    return {
      ...this.#size(),
      legend: { show: false },
      cursor: { show: false },
      scales: {
        // Of a single time uPlot itself would make years.
        x: { range: ({ data: [times] }) => spanOf(times) },
        y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 0, 1)] },
      },
      axes: [
        {
          ...axis,
          space: 90,
          size: 30,
          values: (_, ticks, __, ___, step) => ticks.map((tick) => timeOfDay(tick, step)),
        },
        { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => (tick < 10 ? rate(tick) : count(tick))) },
      ],
      series: [{}, { label, stroke: colour('accent'), width: 1.5, points: { show: false } }],
    }
  }
}

/** In the words of the reader's language; with seconds where the next label is less than a minute away. */
function timeOfDay(seconds: number, step: number): string {
  const time = new Date(seconds * 1000)
  return time.toLocaleTimeString([], { timeStyle: step < 60 ? 'medium' : 'short' })
}
