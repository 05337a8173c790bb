import type { Limits } from './limits.js'

/**
 * When a client was last received from and pinged. It is pinged after a silence, and lost if nothing follows. Seconds
 * in which the server reads are counted, not time: a pause of the server is no silence of the client.
 */
export interface Contact {
  /** The second in which something was received last, a pong too; later by those in which the server did not read. */
  receivedIn: number
  /** The second in which the last ping was sent. */
  pingedIn: number
}

/** Seconds are counted whole. */
const inSeconds = (ms: number): number => Math.ceil(ms / 1000)

const awaitsPong = ({ receivedIn, pingedIn }: Contact): boolean => pingedIn > receivedIn

export function needsPing(contact: Contact, { pingAfter }: Limits, second: number): boolean {
  return !awaitsPong(contact) && second - contact.receivedIn >= inSeconds(pingAfter)
}

/** Whether a ping has had no answer in time. */
export function isLost(contact: Contact, { pongTimeout }: Limits, second: number): boolean {
  return awaitsPong(contact) && second - contact.pingedIn >= inSeconds(pongTimeout)
}

/** The second in which a ping may be due, or the loss of the client. @param within at the latest, in ms. */
export function nextVisit(contact: Contact, limits: Limits, second: number, within: number): number {
  const [pingAfter, pongTimeout] = [inSeconds(limits.pingAfter), inSeconds(limits.pongTimeout)]
  // A pong does not change the plan: where it comes at once, the next ping may be due before the pong would be late.
  const next = awaitsPong(contact)
    ? contact.pingedIn + Math.min(pingAfter, pongTimeout)
    : contact.receivedIn + pingAfter
  return second + Math.max(1, Math.min(next - second, inSeconds(within)))
}
