import { Audience } from '../audience/Audience.js'
import { CountBadge } from '../audience/CountBadge.js'
import { Player } from '../player/Player.js'
import { topicOf, type Video, videoHref } from '../scenes/catalog.js'
import { useCounting, withCounting } from '../site/counting.js'
import { VideoList } from './VideoList.js'

/** The page of one video. A tab that shows it is counted in the video's topic. */
export function Watch({ video }: { readonly video: Video }) {
  const [counting, setCounting] = useCounting()
  return (
    <main className="watch">
      <div className="stack">
        <Player video={video} />
        <article className="stack">
          <h1>{video.title}</h1>
          <div className="row">
            <b>{video.channel}</b>
            <CountBadge topic={topicOf(video.id)} counting={counting} />
          </div>
          <p className="about">{video.about}</p>
        </article>
      </div>
      <aside className="watch-side stack" aria-label="Audience and other videos">
        <Audience video={video} counting={counting} onCounting={setCounting} />
        <VideoList current={video.id} counting={counting} />
      </aside>
      {!video.hasShield && (
        <section className="tips" aria-labelledby="tips-title">
          <h2 id="tips-title">See the count move</h2>
          <ol className="columns">
            <li>
              <a href={withCounting(videoHref(video.id), counting)} target="_blank" rel="noopener">
                Open a second tab
              </a>
              :{' '}
              {counting.tabs === 'one'
                ? 'the count stays, for it is the same person.'
                : 'one more viewer, here and there, at once.'}
            </li>
            <li>
              <b>Sign in:</b> you turn from a viewer into a user, and no other visitor learns your name.
            </li>
            <li>
              <b>Close a tab:</b> the count goes down a second later. Reload it, and the count stays.
            </li>
          </ol>
        </section>
      )}
    </main>
  )
}
