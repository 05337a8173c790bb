import { useEffect, useRef } from 'react'
import { Audience } from '../audience/Audience.js'
import { CountBadge } from '../audience/CountBadge.js'
import { Player } from '../player/Player.js'
import type { Go } from '../site/useVideoId.js'
import { topicOf, videoHref, videoOf } from './catalog.js'
import { VideoList } from './VideoList.js'

/** The page of one video. A tab that shows it is counted in the video's topic. */
export function Watch({ id, go }: { readonly id: string; readonly go: Go }) {
  const video = videoOf(id)
  const topic = topicOf(id)
  const title = useRef<HTMLHeadingElement>(null)
  const first = useRef(id)

  useEffect(() => {
    document.title = `${video.title} · Longtake`
    // After a link inside the site, a screen reader goes on at the new title.
    if (first.current !== id) title.current?.focus({ preventScroll: true })
    first.current = id
  }, [id, video.title])

  return (
    <div className="watch">
      <div className="stack">
        <Player key={id} video={video} />
        <article className="stack">
          <h1 ref={title} tabIndex={-1}>
            {video.title}
          </h1>
          <div className="row">
            <b>{video.channel}</b>
            <CountBadge topic={topic} />
          </div>
          <p className="about">{video.about}</p>
        </article>
      </div>
      <aside className="watch-side stack" aria-label="Audience and other videos">
        <Audience id={id} />
        <VideoList current={id} go={go} />
      </aside>
      <section className="tips" aria-labelledby="tips-title">
        <h2 id="tips-title">See the count move</h2>
        <ol className="columns">
          <li>
            <a href={videoHref(id)} target="_blank" rel="noopener">
              Open a second tab
            </a>
            : one more viewer, here and there, at once.
          </li>
          <li>
            <b>Sign in:</b> you turn from a viewer into a user, and no other visitor learns your name.
          </li>
          <li>
            <b>Close a tab:</b> the count goes down a second later. Reload it, and the count stays.
          </li>
        </ol>
      </section>
    </div>
  )
}
