import type { MouseEvent, ReactNode } from 'react'
import type { Go } from './useVideoId.js'

interface Props {
  readonly href: string
  readonly go: Go
  readonly className: string
  readonly children: ReactNode
}

/** A link inside the site. A plain click does not load the page again; a click for a new tab opens one. */
export function Link({ href, go, className, children }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(href)
  }
  return (
    <a href={href} className={className} onClick={follow}>
      {children}
    </a>
  )
}
