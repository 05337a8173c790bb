// The parts of a client, for `@headcount/element`, which composes them in its own way. They may change at any time.
export { absolute, socketUrl, subprotocols } from './address.js'
export { type Connection, createConnection, type WebSocketLike } from './connection.js'
export { createFallback } from './fallback.js'
export { createPage } from './page.js'
export { fetchToken } from './token.js'
export { createTopic, type Rules, type Topic } from './topic.js'
