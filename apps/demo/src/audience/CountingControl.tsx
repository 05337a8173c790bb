import type { Counting } from '../site/counting.js'

interface Props {
  readonly counting: Counting
  readonly onChange: (counting: Counting) => void
}

/** Two switches for how this page is counted. Nothing is stored, and nothing that identifies a person is sent. */
export function CountingControl({ counting, onChange }: Props) {
  return (
    <fieldset className="counting">
      <legend>Count me</legend>
      <label className="row">
        only while this page is visible
        <input
          type="checkbox"
          checked={counting.count === 'visible'}
          onChange={({ target }) => onChange({ ...counting, count: target.checked ? 'visible' : 'open' })}
        />
      </label>
      <label className="row">
        once, however many tabs I open
        <input
          type="checkbox"
          checked={counting.tabs === 'one'}
          onChange={({ target }) => onChange({ ...counting, tabs: target.checked ? 'one' : 'each' })}
        />
      </label>
    </fieldset>
  )
}
