import { useRef } from 'react'
import { clockTime, type Video } from '../scenes/catalog.js'
import { useCanvas } from './useCanvas.js'
import { usePlayback } from './usePlayback.js'
import './player.css'

/** The moment that is shown before the video plays, in seconds. */
const poster = 6

/** A video that is drawn as it plays. It does not start by itself if the visitor prefers reduced motion. */
export function Player({ video }: { readonly video: Video }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const draw = useCanvas(canvas, video, poster)
  const autoplay = !window.matchMedia('(prefers-reduced-motion: reduce)').matches
  const { playing, seconds, toggle, seek } = usePlayback({ length: video.length, autoplay, draw })

  return (
    <section className="player" aria-label={`Video: ${video.title}`}>
      <canvas ref={canvas} role="img" aria-label={video.about} onClick={toggle} />
      <div className="player-bar">
        <button type="button" onClick={toggle} aria-label={playing ? 'Pause' : 'Play'}>
          <svg viewBox="0 0 24 24" width="24" height="24" fill="currentColor" aria-hidden="true">
            <path d={playing ? 'M7 5h3v14H7zm7 0h3v14h-3z' : 'M8 5.5v13l10.5-6.5z'} />
          </svg>
        </button>
        <input
          type="range"
          min={0}
          max={video.length}
          step={1}
          value={Math.floor(seconds)}
          onChange={(event) => seek(event.target.valueAsNumber)}
          aria-label="Position"
          aria-valuetext={`${clockTime(seconds)} of ${clockTime(video.length)}`}
        />
        <span aria-hidden="true">
          <b>{clockTime(seconds)}</b> / {clockTime(video.length)}
        </span>
      </div>
    </section>
  )
}
