import { eventLog } from '@headcount/core'

/** The events that webhooks log. docs/ERRORS.md has a remedy for each. Of a URL, lines have only the host. */
const logEvents = {
  webhook_outage_began: ['warn', 'a webhook is not accepted, retrying'],
  webhook_outage_goes_on: ['warn', 'a webhook is still not accepted, retrying'],
  webhook_outage_ended: ['info', 'a webhook is accepted again'],
  webhook_dropped: ['warn', 'changes were dropped: a webhook was not accepted for a day, or too many waited'],
} as const

export type WebhookLogEvent = keyof typeof logEvents

export const log = eventLog(logEvents)
