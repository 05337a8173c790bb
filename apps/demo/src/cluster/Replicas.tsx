import { useId } from 'react'
import { type Replica, sentenceOf, wordOf } from './cluster.js'
import { useCluster } from './useCluster.js'
import './replicas.css'

/** The servers behind the page, as they come and go. Nothing where the page is served by one. */
export function Replicas() {
  const cluster = useCluster()
  const title = useId()
  if (cluster === undefined) return null
  const most = Math.max(1, ...cluster.replicas.map(({ sockets }) => sockets))
  return (
    <section className="cluster" aria-labelledby={title} data-testid="cluster">
      <header className="cluster-head">
        <h3 id={title}>Cluster</h3>
        <span className="cluster-redis" data-testid="redis" data-state={cluster.redis}>
          <span className="light" data-state={cluster.redis} aria-hidden="true" />
          Redis {cluster.redis}
        </span>
      </header>
      <ul className="replicas">
        {cluster.replicas.map((replica) => (
          <Tile key={replica.number} replica={replica} most={most} />
        ))}
      </ul>
      <p className="cluster-told" role="status" data-testid="cluster-told">
        {sentenceOf(cluster)}
      </p>
    </section>
  )
}

/** One replica: its sockets, and how many that is beside the fullest. */
function Tile({ replica: { number, state, sockets }, most }: { replica: Replica; most: number }) {
  const word = wordOf(state)
  return (
    <li
      className="replica"
      data-testid="replica"
      data-state={state}
      style={{ '--value': word === undefined ? sockets / most : 0 }}
    >
      <span className="replica-name">
        <span className="light" data-state={state} aria-hidden="true" />
        <span>
          <span className="replica-word">Replica </span>
          {number}
          {/* Read aloud, two numbers in a row would be one. */}
          <span className="unseen">,</span>
        </span>
      </span>{' '}
      {word === undefined ? (
        <span className="replica-told">
          <b>{sockets}</b> {sockets === 1 ? 'socket' : 'sockets'}
        </span>
      ) : (
        <span className="replica-told">{word}</span>
      )}
      <span className="replica-bar" aria-hidden="true" />
    </li>
  )
}
