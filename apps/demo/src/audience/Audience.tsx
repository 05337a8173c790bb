import type { Counts } from '@headcount/client'
import { useCounts } from '@headcount/react'
import { Replicas } from '../cluster/Replicas.js'
import { firstVideo, topicOf, type Video } from '../scenes/catalog.js'
import type { Counting } from '../site/counting.js'
import { useDemo } from '../site/useDemo.js'
import { CountingControl } from './CountingControl.js'
import { CrowdControl } from './CrowdControl.js'
import { Plot } from './Plot.js'
import { useHistory } from './useHistory.js'
import './audience.css'

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const groups = { users: 'signed in', viewers: 'just watching' } as const

function figure({ count, below }: Counts['users']): string {
  return below === undefined ? compact.format(count) : `< ${below}`
}

interface Props {
  readonly video: Video
  readonly counting: Counting
  readonly onCounting: (counting: Counting) => void
}

/** The live and recent counts of a video, the counting options of the page, and a crowd. */
export function Audience({ video: { id, hasShield = false }, counting, onCounting }: Props) {
  const topic = topicOf(id)
  const snapshot = useCounts(topic, counting)
  const history = useHistory(hasShield ? undefined : topic, snapshot)
  const demo = useDemo()
  const { status, counts } = snapshot
  const isKnown = status === 'live' || status === 'stale'
  return (
    <section className="panel stack" aria-labelledby="audience-title" data-status={status}>
      <h2 id="audience-title">Audience</h2>
      <dl className="figures">
        {(['users', 'viewers'] as const).map((group) => (
          <div key={group} data-group={group}>
            <dt className="note">
              <b>{group}</b> {groups[group]}
            </dt>
            <dd>{isKnown ? figure(counts[group]) : '–'}</dd>
          </div>
        ))}
      </dl>
      {hasShield ? <p className="note">Counts below five are not shown, nor plotted.</p> : <Plot history={history} />}
      <CountingControl counting={counting} onChange={onCounting} />
      <CrowdControl crowd={demo?.crowd} isElsewhere={id !== firstVideo} />
      {demo?.cluster && <Replicas cluster={demo.cluster} />}
    </section>
  )
}
