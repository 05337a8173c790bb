import { useRef } from 'react'
import type { Video } from '../videos/catalog.js'
import { useScreen } from './useScreen.js'

/** One moment of a video, a third of the way through. A picture for the eyes alone: the words stand beside it. */
export function Still({ video }: { readonly video: Video }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useScreen(canvas, video.scene, video.length, video.length * 0.35)
  return <canvas ref={canvas} className="still" />
}
