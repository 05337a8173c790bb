import { useRef } from 'react'
import { Icon } from '../site/Icon.js'
import { clockTime, type Video } from '../videos/catalog.js'
import { useFullscreen } from './useFullscreen.js'
import { usePlayback } from './usePlayback.js'
import { useScreen } from './useScreen.js'
import './player.css'

/** Begins a little way in: the first picture is a good one. */
const still = 6

/** The video: drawn as it plays. Where the reader asked for less motion it waits to be played. */
export function Player({ video }: { readonly video: Video }) {
  const frame = useRef<HTMLElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const draw = useScreen(canvas, video.scene, video.length, still)
  const autoplay = !window.matchMedia('(prefers-reduced-motion: reduce)').matches
  const { playing, seconds, ended, toggle, seek } = usePlayback({ length: video.length, autoplay, draw })
  const fullscreen = useFullscreen(frame)
  const verb = playing ? 'Pause' : ended ? 'Play again' : 'Play'

  return (
    <section ref={frame} className="player" aria-label={`Video: ${video.title}`} data-playing={playing}>
      <canvas ref={canvas} className="player-picture" role="img" aria-label={video.about[0]} onClick={toggle} />
      {!playing && <Icon name={ended ? 'again' : 'play'} className="player-sign" />}
      <div className="player-bar">
        <button type="button" className="player-button" onClick={toggle} aria-label={verb}>
          <Icon name={playing ? 'pause' : ended ? 'again' : 'play'} />
        </button>
        <input
          type="range"
          className="range player-seek"
          min={0}
          max={video.length}
          step={1}
          value={Math.floor(seconds)}
          style={{ '--value': seconds / video.length }}
          onChange={(event) => seek(event.target.valueAsNumber)}
          aria-label="Position"
          aria-valuetext={`${clockTime(seconds)} of ${clockTime(video.length)}`}
        />
        <span className="player-time" aria-hidden="true">
          {clockTime(seconds)} <i>/ {clockTime(video.length)}</i>
        </span>
        {fullscreen && (
          <button
            type="button"
            className="player-button"
            onClick={fullscreen.toggle}
            aria-label={fullscreen.on ? 'Leave full screen' : 'Full screen'}
          >
            <Icon name={fullscreen.on ? 'shrink' : 'grow'} />
          </button>
        )}
      </div>
    </section>
  )
}
