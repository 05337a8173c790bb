import type { ClusterView } from '../../server/replicas.mjs'
import './replicas.css'

/** The replicas of the cluster behind the page, as the server streams them. */
export function Replicas({ cluster: { redis, replicas } }: { readonly cluster: ClusterView }) {
  const up = replicas.filter(({ state }) => state === 'up').length
  const most = Math.max(1, ...replicas.map(({ sockets }) => sockets))
  return (
    <section className="cluster stack" aria-labelledby="cluster-title" data-testid="cluster">
      <header className="row">
        <h3 id="cluster-title">Cluster</h3>
        <span className="note">
          <span className="dot" data-status={redis} aria-hidden="true" />
          Redis {redis}
        </span>
      </header>
      <ul className="replicas columns">
        {replicas.map(({ name, state, sockets }) => (
          <li key={name} data-testid="replica" data-state={state}>
            <b>
              <span className="dot" data-status={state} aria-hidden="true" />
              Replica {name}
            </b>
            <span>{state === 'up' ? `${sockets} ${sockets === 1 ? 'socket' : 'sockets'}` : state}</span>
            <i style={{ width: `${state === 'up' ? (sockets / most) * 100 : 0}%` }} />
          </li>
        ))}
      </ul>
      <p className="note" role="status">
        {up} of {replicas.length} replicas up.
        {redis === 'unreachable' && ' Redis is unreachable: each replica serves its own joins and leaves.'}
      </p>
    </section>
  )
}
