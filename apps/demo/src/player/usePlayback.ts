import { useCallback, useEffect, useRef, useState } from 'react'

export interface Playback {
  readonly playing: boolean
  /** Whole tenths of a second into the video, for the eyes; the picture itself is drawn at the exact moment. */
  readonly seconds: number
  readonly ended: boolean
  toggle(): void
  seek(seconds: number): void
}

interface Options {
  /** Seconds. */
  readonly length: number
  readonly autoplay: boolean
  /** Draws the moment; called for each frame that plays and after each seek. */
  draw(seconds: number): void
}

/** Between two pictures, in milliseconds: as film, 24 a second; a machine that cannot keep up is asked for 8. */
const frame = { smooth: 1000 / 24, spare: 1000 / 8 }
/** A screen that turns slower than this, in milliseconds, taken over some two seconds, cannot keep up. */
const slow = 30

/** The clock of a drawn video: it runs on animation frames, so a hidden page stands still and costs nothing. */
export function usePlayback({ length, autoplay, draw }: Options): Playback {
  const [playing, setPlaying] = useState(autoplay)
  const [seconds, setSeconds] = useState(0)
  const at = useRef(0)
  const every = useRef(frame.smooth)

  useEffect(() => {
    if (!playing) return
    let last: number | undefined
    let turned: number | undefined
    let turn = 1000 / 60
    let request = requestAnimationFrame(function step(now) {
      request = requestAnimationFrame(step)
      if (turned !== undefined) turn += (Math.min(now - turned, 250) - turn) * 0.02
      turned = now
      if (turn > slow) every.current = frame.spare
      if (last !== undefined && now - last < every.current - 2) return
      // A pause of the page (a hidden tab) is no part of the video.
      const passed = last === undefined ? 0 : Math.min(now - last, 250) / 1000
      last = now
      at.current = Math.min(at.current + passed, length)
      draw(at.current)
      setSeconds(Math.floor(at.current * 10) / 10)
      if (at.current === length) setPlaying(false)
    })
    return () => cancelAnimationFrame(request)
  }, [playing, length, draw])

  const seek = useCallback(
    (to: number) => {
      at.current = Math.min(Math.max(to, 0), length)
      setSeconds(at.current)
      draw(at.current)
    },
    [length, draw],
  )

  const ended = !playing && seconds === length
  const toggle = useCallback(() => {
    if (at.current === length) seek(0)
    setPlaying((was) => !was)
  }, [length, seek])

  return { playing, seconds, ended, toggle, seek }
}
