import { useEffect, useRef } from 'react'
import { Audience } from '../audience/Audience.js'
import { CountBadge } from '../audience/CountBadge.js'
import { Player } from '../player/Player.js'
import type { Go } from '../site/useRoute.js'
import { topicOf, videoOf } from './catalog.js'
import { Tips } from './Tips.js'
import { VideoList } from './VideoList.js'

/** The page of one video. Whoever has it open is counted in the video's topic. */
export function Watch({ id, go }: { readonly id: string; readonly go: Go }) {
  const video = videoOf(id)
  const topic = topicOf(id)
  const title = useRef<HTMLHeadingElement>(null)
  const first = useRef(id)

  useEffect(() => {
    document.title = `${video.title} · Longtake`
    // After a step inside the site, a screen reader goes on at the new title; after a load, at the top as always.
    if (first.current !== id) title.current?.focus({ preventScroll: true })
    first.current = id
  }, [id, video.title])

  return (
    <div className="watch">
      <div className="watch-main">
        <Player key={id} video={video} />
        <article className="about">
          <h1 ref={title} tabIndex={-1}>
            {video.title}
          </h1>
          <div className="about-line">
            <p className="channel">
              <span className="mark channel-mark" aria-hidden="true">
                {video.channel.slice(0, 1)}
              </span>
              {video.channel}
            </p>
            <CountBadge topic={topic} />
          </div>
          <div className="about-text">
            {video.about.map((paragraph) => (
              <p key={paragraph}>{paragraph}</p>
            ))}
          </div>
        </article>
      </div>
      <aside className="watch-side" aria-label="Audience and other videos">
        <Audience topic={topic} />
        <VideoList current={id} go={go} />
      </aside>
      <Tips id={id} />
    </div>
  )
}
