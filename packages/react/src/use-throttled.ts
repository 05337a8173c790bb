'use client'
import { useEffect, useRef, useState } from 'react'

/**
 * `text`, changed at most once per `interval` ms, so that a screen reader can finish before the next announcement. It
 * is empty at first, on a server too: screen readers announce what is added to a page.
 */
export function useThrottled(text: string, interval: number): string {
  const [current, setCurrent] = useState('')
  const changedAt = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    if (text === current) return
    const delay = Math.max(0, changedAt.current + interval - Date.now())
    const timer = setTimeout(() => {
      changedAt.current = Date.now()
      setCurrent(text)
    }, delay)
    return () => clearTimeout(timer)
  }, [text, current, interval])
  return current
}
