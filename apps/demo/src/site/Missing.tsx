import { Link } from './Link.js'
import type { Go } from './useRoute.js'

/** The page for an address that names nothing. */
export function Missing({ go }: { readonly go: Go }) {
  return (
    <div className="missing">
      <p className="missing-code">404</p>
      <h1>There is no video at this address</h1>
      <p>The link may be cut short. Nobody is counted here, not even you.</p>
      <Link href="/" go={go} className="button">
        Go to the first video
      </Link>
    </div>
  )
}
