import { videoHref } from '../site/route.js'
import './tips.css'

/** What to try, for a reader who came to see the count move. */
export function Tips({ id }: { readonly id: string }) {
  return (
    <section className="tips" aria-labelledby="tips-title">
      <h2 id="tips-title">See the count move</h2>
      <ol>
        <li>
          <h3>
            <a href={videoHref(id)} target="_blank" rel="noopener">
              Open a second tab
            </a>
          </h3>
          <p>One more viewer, here and there, at once.</p>
        </li>
        <li>
          <h3>Sign in</h3>
          <p>You turn from a viewer into a user. The page does not reload, and nobody learns who you are.</p>
        </li>
        <li>
          <h3>Close a tab</h3>
          <p>Whoever goes is no longer counted a moment later.</p>
        </li>
      </ol>
    </section>
  )
}
