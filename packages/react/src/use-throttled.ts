'use client'
import { createPacer } from '@headcount/client/text'
import { useEffect, useMemo, useState } from 'react'

/**
 * `text`, changed at most once per `interval` ms, so that a screen reader can finish before the next announcement. It
 * is empty at first, on a server too: screen readers announce text that is added to a page.
 */
export function useThrottled(text: string, interval: number): string {
  const [shown, setShown] = useState('')
  const pacer = useMemo(() => createPacer(interval, setShown), [interval])
  useEffect(() => {
    pacer.set(text)
    return pacer.stop
  }, [pacer, text])
  return shown
}
