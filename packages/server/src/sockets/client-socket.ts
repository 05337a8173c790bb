import type { Activity } from './activity.js'
import type { Channel, ChannelSocket } from './channel.js'
import type { Session } from './session.js'

/** The part of a socket that the messages of its client use. */
export interface ClientSocket extends ChannelSocket {
  channels: readonly Channel[]
  /** The client's traffic in this second. */
  readonly activity: Activity
  /** Reads nothing more in this second if the client has reached a limit. */
  pauseAtLimit(): void
  /** Awaits an answer and then calls `next`, unless the socket has closed. Later messages wait for their turn. */
  await<T>(answer: Promise<T>, next: (answer: T) => void): Promise<void>
  /** Replaces the session, and plans the expiry of its token. The channels stay as they are. */
  changeSession(session: Session): void
}
