import { type RefObject, useCallback, useEffect, useRef } from 'react'
import { lerp } from '../scenes/brush.js'
import type { Video } from '../scenes/catalog.js'

/** More canvas pixels than this for each CSS pixel cost more than they show. */
const maxScale = 1.5

/** Draws a video at `start` on a canvas, again at each change of its size. The result draws another moment. */
export function useCanvas(
  canvas: RefObject<HTMLCanvasElement | null>,
  { scene, length, from }: Video,
  start: number,
): (seconds: number) => void {
  const moment = useRef(start)

  const draw = useCallback(
    (seconds: number) => {
      moment.current = seconds
      const surface = canvas.current
      const ctx = surface?.getContext('2d', { alpha: false })
      if (!surface || !ctx) return
      const [w, h] = [surface.clientWidth, surface.clientHeight]
      const scale = surface.width / Math.max(w, 1)
      ctx.setTransform(scale, 0, 0, scale, 0, 0)
      scene({ ctx, w, h, t: seconds, p: lerp(from, 1, seconds / length) })
    },
    [canvas, scene, length, from],
  )

  useEffect(() => {
    const surface = canvas.current
    if (!surface) return
    const observer = new ResizeObserver(() => {
      const scale = Math.min(window.devicePixelRatio, maxScale)
      surface.width = Math.round(surface.clientWidth * scale)
      surface.height = Math.round(surface.clientHeight * scale)
      draw(moment.current)
    })
    observer.observe(surface)
    return () => observer.disconnect()
  }, [canvas, draw])

  return draw
}
