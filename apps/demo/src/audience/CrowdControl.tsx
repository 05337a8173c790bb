import { useId, useState } from 'react'
import { largest, type People, shareOf, sizeOf, split } from './crowd.js'
import { useCrowd } from './useCrowd.js'

const startShare = 25

/**
 * Brings simulated people, as real sockets: how many, and how many of them are signed in. The server sends them to the
 * first video; `elsewhere` says that this is another one.
 */
export function CrowdControl({ elsewhere }: { readonly elsewhere: boolean }) {
  const { crowd, ask } = useCrowd()
  const [share, setShare] = useState<number>()
  const id = useId()
  const on = crowd.state === 'on'
  const wanted: People = on ? crowd.wanted : { users: 0, viewers: 0 }
  const size = sizeOf(wanted)
  const part = share ?? shareOf(wanted, startShare)
  const max = on ? crowd.max : largest

  return (
    <fieldset className="crowd" disabled={!on} data-state={crowd.state}>
      <legend>Bring a crowd{elsewhere && ' to the first video'}</legend>
      <label className="crowd-row" htmlFor={`${id}-size`}>
        <span>People</span>
        <output htmlFor={`${id}-size`}>{on ? size : '–'}</output>
      </label>
      <input
        id={`${id}-size`}
        data-testid="crowd"
        type="range"
        className="range"
        min={0}
        max={max}
        step={1}
        value={size}
        style={{ '--value': size / max }}
        onChange={(event) => ask(split(event.target.valueAsNumber, part))}
        aria-describedby={`${id}-told`}
      />
      <label className="crowd-row" htmlFor={`${id}-share`}>
        <span>Signed in</span>
        <output htmlFor={`${id}-share`}>{on ? `${part} %` : '–'}</output>
      </label>
      <input
        id={`${id}-share`}
        type="range"
        className="range"
        data-group="users"
        min={0}
        max={100}
        step={5}
        value={part}
        style={{ '--value': part / 100 }}
        onChange={(event) => {
          const next = event.target.valueAsNumber
          setShare(next)
          if (size > 0) ask(split(size, next))
        }}
        aria-valuetext={`${part} percent`}
      />
      <p className="crowd-told" id={`${id}-told`}>
        {on ? <Progress wanted={wanted} here={crowd.here} /> : reasons[crowd.state]}
      </p>
    </fieldset>
  )
}

const reasons = {
  asking: 'Asking the server whether it has a crowd…',
  off: 'This server brings no crowds.',
  away: 'The server does not answer; the crowd waits for it.',
} as const

function Progress({ wanted, here }: { readonly wanted: People; readonly here: People }) {
  const [size, now] = [sizeOf(wanted), sizeOf(here)]
  return (
    <>
      <span className="crowd-bar" style={{ '--value': size === 0 ? 0 : Math.min(now / size, 1) }} aria-hidden="true" />
      {progressWords(size, now)}
    </>
  )
}

function progressWords(size: number, now: number): string {
  if (size === 0 && now === 0) return 'Nobody is simulated.'
  if (now > size) return `${now - size} are leaving…`
  return now === size ? `All ${size} are in.` : `${now} of ${size} are in.`
}
