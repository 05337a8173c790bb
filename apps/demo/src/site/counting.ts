import { useState } from 'react'

/** How this page is counted, as options of `useCounts`. */
export interface Counting {
  readonly count: 'open' | 'visible'
  readonly tabs: 'each' | 'one'
}

/** The choice in the query of an address: `?count=visible&tabs=one`. Anything else is the default of the client. */
export function countingOf(query: string): Counting {
  const params = new URLSearchParams(query)
  return {
    count: params.get('count') === 'visible' ? 'visible' : 'open',
    tabs: params.get('tabs') === 'one' ? 'one' : 'each',
  }
}

/** An address with the choice in its query. The defaults are omitted. */
export function withCounting(href: string, { count, tabs }: Counting): string {
  const [path = '', query] = href.split('?')
  const params = new URLSearchParams(query)
  for (const name of ['count', 'tabs']) params.delete(name)
  if (count === 'visible') params.set('count', count)
  if (tabs === 'one') params.set('tabs', tabs)
  return params.size === 0 ? path : `${path}?${params}`
}

/** The choice, and a function that changes it. Stored only in the address, so a reload and a link keep it. */
export function useCounting(): [Counting, (counting: Counting) => void] {
  const [counting, setCounting] = useState(() => countingOf(location.search))
  const change = (next: Counting) => {
    history.replaceState(null, '', withCounting(location.pathname + location.search, next))
    setCounting(next)
  }
  return [counting, change]
}
