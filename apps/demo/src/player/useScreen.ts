import { type RefObject, useCallback, useEffect, useRef } from 'react'
import type { Scene } from '../scenes/brush.js'

/** More pixels than this a CSS pixel cost more than they show. */
const sharpest = 1.5

/** Fits a canvas to its box and draws a scene on it, again on every resize. The result draws another moment; out of sight it only keeps it in mind. */
export function useScreen(
  canvas: RefObject<HTMLCanvasElement | null>,
  scene: Scene,
  length: number,
  start: number,
): (seconds: number) => void {
  const at = useRef(start)
  const hidden = useRef(false)

  const draw = useCallback(
    (seconds: number) => {
      at.current = seconds
      if (hidden.current) return
      const surface = canvas.current
      const ctx = surface?.getContext('2d', { alpha: false })
      if (!surface || !ctx) return
      const scale = surface.width / Math.max(surface.clientWidth, 1)
      ctx.setTransform(scale, 0, 0, scale, 0, 0)
      scene({ ctx, w: surface.clientWidth, h: surface.clientHeight, t: seconds, p: seconds / length })
    },
    [canvas, scene, length],
  )

  useEffect(() => {
    const surface = canvas.current
    if (!surface) return
    const fit = () => {
      const scale = Math.min(window.devicePixelRatio, sharpest)
      surface.width = Math.round(surface.clientWidth * scale)
      surface.height = Math.round(surface.clientHeight * scale)
      draw(at.current)
    }
    const observer = new ResizeObserver(fit)
    observer.observe(surface)
    const sight = new IntersectionObserver(([entry]) => {
      hidden.current = entry ? !entry.isIntersecting : false
      draw(at.current)
    })
    sight.observe(surface)
    return () => {
      observer.disconnect()
      sight.disconnect()
    }
  }, [canvas, draw])

  return draw
}
