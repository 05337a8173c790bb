import { useEffect, useRef } from 'react'
import type uPlot from 'uplot'
import { createChart } from './chart.js'
import { type History, peakOf, secondsOf, spanOf } from './history.js'

/** The counts of the last minutes as two lines. Until there is a line to draw, it says what it waits for. */
export function Plot({ history, waiting }: { readonly history: History; readonly waiting: string }) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(undefined)
  const ready = history.length >= 2

  useEffect(() => {
    const element = box.current
    if (!element || !ready) return
    const drawn = createChart(element)
    chart.current = drawn.chart
    return () => {
      chart.current = undefined
      drawn.remove()
    }
  }, [ready])

  useEffect(() => {
    chart.current?.setData([
      history.map(({ at }) => at / 1000),
      history.map(({ viewers }) => viewers),
      history.map(({ users }) => users),
    ])
  }, [history])

  return (
    <figure className="plot" data-testid="plot" data-ready={ready}>
      <div ref={box} className="plot-box" role="img" aria-label={ready ? summary(history) : waiting} />
      {!ready && <figcaption className="plot-empty">{waiting}</figcaption>}
    </figure>
  )
}

function summary(history: History): string {
  return `Users and viewers over the last ${spanWords(history)}; at most ${peakOf(history)} people at once.`
}

/** `30 seconds`, `minute`, `5 minutes`: to stand after "last". */
export function spanWords(history: History): string {
  const span = spanOf(secondsOf(history))
  return span < 60 ? `${span} seconds` : span === 60 ? 'minute' : `${span / 60} minutes`
}
