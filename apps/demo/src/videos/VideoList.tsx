import { useCounts } from '@headcount/react'
import { StatusDot } from '../audience/StatusDot.js'
import { useSettled } from '../audience/useSettled.js'
import { Still } from '../player/Still.js'
import { Link } from '../site/Link.js'
import { videoHref } from '../site/route.js'
import type { Go } from '../site/useRoute.js'
import { catalog, clockTime, topicOf, type Video } from './catalog.js'
import './videos.css'

const whole = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** The other videos, each with its own live count: observed over the page's one socket, so this list counts as nobody. */
export function VideoList({ current, go }: { readonly current: string; readonly go: Go }) {
  return (
    <section className="videos" aria-labelledby="videos-title">
      <h2 id="videos-title">Also playing</h2>
      <ul>
        {catalog
          .filter(({ id }) => id !== current)
          .map((video) => (
            <li key={video.id}>
              <Link href={videoHref(video.id)} go={go} className="video">
                <span className="video-still" aria-hidden="true">
                  <Still video={video} />
                  <span className="video-length">{clockTime(video.length)}</span>
                </span>
                <span className="video-words">
                  <strong>{video.title}</strong>
                  <span className="video-channel">{video.channel}</span>
                  <Watching video={video} />
                </span>
              </Link>
            </li>
          ))}
      </ul>
    </section>
  )
}

/** How many watch another video. No live region: five of them would talk over each other. */
function Watching({ video }: { readonly video: Video }) {
  const { counts, status } = useCounts(topicOf(video.id), { observe: true })
  const shown = useSettled(status)
  const people = counts.users.count + counts.viewers.count
  const words =
    shown === 'connecting'
      ? 'Counting…'
      : shown === 'refused'
        ? 'Not counted'
        : people === 0
          ? 'Nobody here yet'
          : `${whole.format(people)} watching`
  return (
    <span className="video-count" data-status={shown} data-empty={people === 0}>
      <StatusDot status={shown} />
      {words}
    </span>
  )
}
