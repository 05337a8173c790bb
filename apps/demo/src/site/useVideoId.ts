import { useCallback, useEffect, useState } from 'react'
import { videoIdOf } from '../videos/catalog.js'

/** Goes to an address of this site without loading the page again. */
export type Go = (href: string) => void

/** The id of the video that the address bar names, as it changes by links and by back and forward. */
export function useVideoId(): readonly [string, Go] {
  const [id, setId] = useState(current)
  useEffect(() => {
    const update = () => setId(current())
    window.addEventListener('popstate', update)
    return () => window.removeEventListener('popstate', update)
  }, [])
  const go = useCallback((href: string) => {
    window.history.pushState(null, '', href)
    setId(current())
    window.scrollTo(0, 0)
  }, [])
  return [id, go]
}

const current = () => videoIdOf(window.location.search)
