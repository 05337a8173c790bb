import type { MouseEvent, ReactNode } from 'react'
import type { Go } from './useRoute.js'

interface Props {
  readonly href: string
  readonly go: Go
  readonly className?: string
  readonly children: ReactNode
}

/** A link inside the site: a plain click stays in the page; a click that asks for a new tab gets one. */
export function Link({ href, go, className, children }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(href)
  }
  return (
    <a href={href} className={className} onClick={follow}>
      {children}
    </a>
  )
}
