/**
 * The state of a topic:
 * - `connecting`: no counts have arrived yet, all are zero
 * - `live`: the counts are current
 * - `stale`: the connection is lost, the counts are the last ones received
 * - `refused`: the server refused the join, `reason` is its reason
 */
export type TopicStatus = 'connecting' | 'live' | 'stale' | 'refused'

/**
 * The state of a client's connection:
 * - `idle`: no topic has been subscribed to, so there is no connection
 * - `connecting`: connecting for the first time
 * - `live`: connected
 * - `stale`: the connection is lost, the client is reconnecting
 * - `closed`: `close()` was called
 */
export type ConnectionStatus = 'idle' | 'connecting' | 'live' | 'stale' | 'closed'
