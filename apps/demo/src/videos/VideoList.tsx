import type { TopicStatus } from '@headcount/client'
import { useCounts } from '@headcount/react'
import { useRef } from 'react'
import { useCanvas } from '../player/useCanvas.js'
import { catalog, topicOf, type Video, videoHref } from '../scenes/catalog.js'
import { type Counting, withCounting } from '../site/counting.js'
import './videos.css'

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** The other videos, each with its live count. The page observes these topics, so it is not counted in them. */
export function VideoList({ current, counting }: { readonly current: string; readonly counting: Counting }) {
  return (
    <section className="videos stack" aria-labelledby="videos-title">
      <h2 id="videos-title">Also playing</h2>
      <ul className="columns">
        {catalog
          .filter(({ id }) => id !== current)
          .map((video) => (
            <li key={video.id}>
              <a href={withCounting(videoHref(video.id), counting)} className="video">
                <Still video={video} />
                <span>
                  <strong>{video.title}</strong>
                  <span className="note">{video.channel}</span>
                  <Watching video={video} />
                </span>
              </a>
            </li>
          ))}
      </ul>
    </section>
  )
}

/** One moment of a video, a third of the way through: a decoration beside its title. */
function Still({ video }: { readonly video: Video }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useCanvas(canvas, video, video.length * 0.35)
  return <canvas ref={canvas} />
}

/** The count of another video. It is not a live region: several would interrupt each other. */
function Watching({ video }: { readonly video: Video }) {
  const { counts, status } = useCounts(topicOf(video.id), { observe: true })
  const people = counts.users.count + counts.viewers.count
  const isShielded = people === 0 && counts.viewers.below !== undefined
  return (
    <span className="note">
      <span className="dot" data-status={status} data-empty={people === 0 && !isShielded} aria-hidden="true" />
      {isShielded && status === 'live' ? 'A small audience' : words(status, people)}
    </span>
  )
}

function words(status: TopicStatus, people: number): string {
  if (status === 'connecting') return 'Counting…'
  if (status === 'refused') return 'Not counted'
  return people === 0 ? 'No audience yet' : `${compact.format(people)} watching`
}
