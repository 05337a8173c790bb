import { useCounts } from '@headcount/react'
import { Replicas } from '../cluster/Replicas.js'
import { firstVideo, topicOf } from '../videos/catalog.js'
import { CrowdControl } from './CrowdControl.js'
import { Figures } from './Figures.js'
import { Plot, spanWords } from './Plot.js'
import { useHistory } from './useHistory.js'
import './audience.css'

const waits = {
  connecting: 'Waiting for the first count.',
  live: 'The line begins with the next second.',
  stale: 'Cut off. The line goes on when the server is back.',
  refused: 'This server does not count this video.',
} as const

/** The people who are here now, how many they were a moment ago, and a crowd to see it move. */
export function Audience({ topic }: { readonly topic: string }) {
  const snapshot = useCounts(topic)
  const history = useHistory(topic, snapshot)
  const known = snapshot.status === 'live' || snapshot.status === 'stale'
  return (
    <section className="panel audience" aria-labelledby="audience-title" data-status={snapshot.status}>
      <header className="panel-head">
        <h2 id="audience-title">Audience</h2>
        {history.length >= 2 && <span className="panel-note">last {spanWords(history)}</span>}
      </header>
      <Figures counts={snapshot.counts} known={known} />
      <Plot history={history} waiting={waits[snapshot.status]} />
      <CrowdControl elsewhere={topic !== topicOf(firstVideo)} />
      <Replicas />
    </section>
  )
}
