import { useCallback, useEffect, useRef, useState } from 'react'

interface Playback {
  readonly playing: boolean
  /** Position, in seconds, to a tenth. */
  readonly seconds: number
  toggle(): void
  seek(seconds: number): void
}

interface Options {
  /** In seconds. */
  readonly length: number
  readonly autoplay: boolean
  /** Draws one moment. */
  draw(seconds: number): void
}

/** Time between two pictures, in ms: 24 a second, as in films. */
const frameTime = 1000 / 24
/** A longer pause between two frames, in ms, does not advance the video: the tab was hidden. */
const longestFrame = 250

/** The clock of a drawn video. It runs on animation frames, so a hidden page costs nothing. */
export function usePlayback({ length, autoplay, draw }: Options): Playback {
  const [playing, setPlaying] = useState(autoplay)
  const [seconds, setSeconds] = useState(0)
  const position = useRef(0)

  const seek = useCallback(
    (to: number) => {
      position.current = Math.min(to, length)
      setSeconds(Math.floor(position.current * 10) / 10)
      draw(position.current)
    },
    [length, draw],
  )

  useEffect(() => {
    if (!playing) return
    let last = performance.now()
    let request = requestAnimationFrame(function step(now) {
      request = requestAnimationFrame(step)
      if (now - last < frameTime - 2) return
      seek(position.current + Math.min(now - last, longestFrame) / 1000)
      last = now
      if (position.current === length) setPlaying(false)
    })
    return () => cancelAnimationFrame(request)
  }, [playing, length, seek])

  const toggle = () => {
    if (position.current === length) seek(0)
    setPlaying(!playing)
  }
  return { playing, seconds, toggle, seek }
}
