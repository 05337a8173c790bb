/**
 * How a topic is:
 * - `connecting`: no counts yet, they are zeros
 * - `live`: the counts are what the server says now
 * - `stale`: the connection is lost, these are the last counts known
 * - `refused`: the server does not let us into this topic, `reason` says why
 */
export type TopicStatus = 'connecting' | 'live' | 'stale' | 'refused'

/**
 * How the connection as a whole is:
 * - `idle`: no topic has been wanted yet, so nothing is connected
 * - `connecting`: connecting for the first time
 * - `live`: connected
 * - `stale`: was connected, and is coming back by itself
 * - `closed`: for good
 */
export type ConnectionStatus = 'idle' | 'connecting' | 'live' | 'stale' | 'closed'
