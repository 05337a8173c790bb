// The parts of a client that `@headcount/element` uses. They may change at any time.
export { socketUrl, subprotocols } from './address.js'
export type { Connection, WebSocketLike } from './connection.js'
export type { Topic } from './topic.js'
export { createTopics } from './topics.js'
