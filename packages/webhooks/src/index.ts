export type { WebhookLogEvent } from './log-events.js'
export type { WebhookOptions } from './options.js'
export { createWebhooks, type Webhooks, type WebhooksOptions } from './webhooks.js'
