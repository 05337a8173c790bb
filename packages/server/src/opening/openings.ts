import type { IncomingMessage } from 'node:http'
import type { Session } from '../sockets/session.js'
import type { Opening } from '../sockets/socket.js'
import type { Sockets } from '../sockets/sockets.js'
import { type Refusal, refusal } from './refusal.js'
import { authenticate, type RequestRules, readRequest } from './request.js'

/** Decides which requests may open a socket, over all transports. */
export class Openings {
  /** Requests whose token is being verified. */
  #pending = 0
  #isDraining = false

  constructor(
    private readonly sockets: Sockets,
    private readonly rules: RequestRules,
  ) {}

  refuseAll(): void {
    this.#isDraining = true
  }

  /**
   * Calls `decided` with the socket that a request may open, or the refusal: at once if the request has no token. The
   * socket must be opened, or not, before `decided` returns.
   * @param problem a problem of the transport with the request, if there is one.
   */
  decide(request: IncomingMessage, decided: (opening: Opening | Refusal) => void, problem?: Refusal): void {
    const overload = this.sockets.context.admission.handshake(this.sockets.size + this.#pending)
    const read = overload === undefined ? readRequest(request, this.rules) : refusal(overload)
    const socketRequest = 'status' in read ? read : (problem ?? read)
    if ('status' in socketRequest) {
      decided(this.#counted(socketRequest))
      return
    }
    const { vsn } = socketRequest
    const { socketsPerAddress, presencesPerAddress } = this.sockets.context.limits
    // Addresses are read only if a limit needs them, and kept only in memory.
    const address = socketsPerAddress > 0 || presencesPerAddress > 0 ? this.rules.addressOf(request) : null
    const decide = (session: Session | Refusal): void => {
      if ('status' in session) decided(this.#counted(session))
      else if (this.#isDraining) decided(this.#counted(refusal('unavailable')))
      else if (this.sockets.context.addressLimit.isFull(address)) decided(this.#counted(refusal('too_many_of_address')))
      else decided({ vsn, session, address })
    }
    const session = authenticate(socketRequest, this.rules)
    if (!(session instanceof Promise)) decide(session)
    else {
      this.#pending += 1
      void session.then((verified) => {
        this.#pending -= 1
        decide(verified)
      })
    }
  }

  #counted(refused: Refusal): Refusal {
    this.sockets.context.metrics.count('refused_upgrades', 1, refused.code)
    return refused
  }
}
