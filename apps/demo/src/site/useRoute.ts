import { useCallback, useEffect, useState } from 'react'
import { type Route, routeOf } from './route.js'

/** Goes to an address of this site without loading the page again. */
export type Go = (href: string) => void

/** The page that the address bar names, followed through links and through back and forward. */
export function useRoute(): readonly [Route, Go] {
  const [route, setRoute] = useState(here)
  useEffect(() => {
    const follow = () => setRoute(here())
    window.addEventListener('popstate', follow)
    return () => window.removeEventListener('popstate', follow)
  }, [])
  const go = useCallback((href: string) => {
    window.history.pushState(null, '', href)
    setRoute(here())
    window.scrollTo(0, 0)
  }, [])
  return [route, go]
}

function here(): Route {
  return routeOf(window.location.pathname, window.location.search)
}
