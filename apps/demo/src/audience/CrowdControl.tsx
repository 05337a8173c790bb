import { useEffect, useRef, useState } from 'react'
import type { CrowdSize } from '../../server/crowd.mjs'
import type { DemoState } from '../site/useDemo.js'

/** Debounce of a slider before a request, in ms. */
const rest = 200
/** Delay after the server's answer before its state is shown again, in ms: then the page has received the new one. */
const afterAnswer = 600

interface Props {
  /** Undefined while the server is unreachable. */
  readonly crowd: DemoState['crowd'] | undefined
  /** The page shows another video than the one that the crowd joins. */
  readonly isElsewhere: boolean
}

/** Two sliders that control simulated people on real sockets. They move only by hand, on this page or another. */
export function CrowdControl({ crowd, isElsewhere }: Props) {
  const [wanted, setWanted] = useState<CrowdSize>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const { people, signedIn } = wanted ?? crowd ?? { people: 0, signedIn: 25 }

  const resize = (size: CrowdSize) => {
    clearTimeout(timer.current)
    setWanted(size)
    timer.current = setTimeout(() => {
      void requestCrowd(size)
      timer.current = setTimeout(setWanted, afterAnswer, undefined)
    }, rest)
  }

  return (
    <fieldset className="crowd" disabled={crowd === undefined}>
      <legend>Bring a crowd{isElsewhere && ' to the first video'}</legend>
      <Slider
        {...{ label: 'People', value: people, text: `${people}`, max: crowd?.max ?? 500, step: 1 }}
        onChange={(people) => resize({ people, signedIn })}
      />
      <Slider
        {...{ label: 'Signed in', value: signedIn, text: `${signedIn} %`, max: 100, step: 5 }}
        onChange={(signedIn) => resize({ people, signedIn })}
      />
      <p className="note">{crowd === undefined ? 'Waiting for the server.' : progress(people, crowd.joined)}</p>
    </fieldset>
  )
}

interface SliderProps {
  readonly label: string
  readonly value: number
  readonly text: string
  readonly max: number
  readonly step: number
  readonly onChange: (value: number) => void
}

function Slider({ label, value, text, max, step, onChange }: SliderProps) {
  return (
    <label className="row">
      {label} <b aria-hidden="true">{text}</b>
      <input
        {...{ type: 'range', min: 0, max, step, value, 'aria-valuetext': text }}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
    </label>
  )
}

/** Requests a crowd of a size. A failed request changes nothing: the sliders return to the state. */
async function requestCrowd(size: CrowdSize): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await fetch('/demo/crowd', { method: 'POST', headers, body: JSON.stringify(size) }).catch(() => {})
}

function progress(people: number, joined: number): string {
  if (joined > people) return `${joined - people} are leaving…`
  if (people === 0) return 'No simulated people.'
  return joined === people ? `All ${people} have joined.` : `${joined} of ${people} have joined.`
}
