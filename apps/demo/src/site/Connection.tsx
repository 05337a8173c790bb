import { useClient } from '@headcount/react'
import { useSyncExternalStore } from 'react'
import { useSettled } from '../audience/useSettled.js'
import { Icon } from './Icon.js'

/** Says so when the page is cut off for longer than a moment; otherwise it is not there. */
export function Connection() {
  const client = useClient()
  const status = useSettled(useSyncExternalStore(client.subscribe, () => client.status))
  return (
    <div className="connection" role="status">
      {status === 'stale' && (
        <p>
          <Icon name="cut" />
          Reconnecting… These are the last counts.
        </p>
      )}
    </div>
  )
}
