'use client'
import { useEffect, useRef, useState } from 'react'

/** `text`, but changed at most once per `every` ms: a screen reader that reads it aloud must come to an end. */
export function usePaced(text: string, every: number): string {
  const [said, say] = useState(text)
  const saidAt = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    if (text === said) return
    const wait = Math.max(0, saidAt.current + every - Date.now())
    const timer = setTimeout(() => {
      saidAt.current = Date.now()
      say(text)
    }, wait)
    return () => clearTimeout(timer)
  }, [text, said, every])
  return said
}
