import type { TopicStatus } from '@headcount/client'
import './badge.css'

/** A dot whose colour and shape both tell the status; the word stands beside it. */
export function StatusDot({ status }: { readonly status: TopicStatus }) {
  return <span className="dot" data-status={status} aria-hidden="true" />
}
