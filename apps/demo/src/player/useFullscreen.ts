import { type RefObject, useEffect, useState } from 'react'

interface Fullscreen {
  readonly on: boolean
  toggle(): void
}

/** Full screen for one element; undefined where the browser has none for elements (an iPhone). */
export function useFullscreen(element: RefObject<HTMLElement | null>): Fullscreen | undefined {
  const [on, setOn] = useState(false)
  useEffect(() => {
    const follow = () => setOn(document.fullscreenElement !== null)
    document.addEventListener('fullscreenchange', follow)
    return () => document.removeEventListener('fullscreenchange', follow)
  }, [])
  if (!document.fullscreenEnabled) return undefined
  const toggle = () => {
    // A browser may refuse without harm: the page stays as it is.
    const done = on ? document.exitFullscreen() : element.current?.requestFullscreen()
    done?.catch(() => {})
  }
  return { on, toggle }
}
