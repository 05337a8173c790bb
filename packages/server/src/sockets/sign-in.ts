import type { Message } from '@headcount/protocol'
import type { ClientSocket } from './client-socket.js'
import { invalidToken, readToken } from './payloads.js'
import type { Session } from './session.js'

/** Signs the client in, renews its token, or signs it out. An invalid token changes nothing. */
export function receiveToken(socket: ClientSocket, message: Message): void {
  const token = readToken(message.payload)
  if (token === undefined) {
    socket.reply(null, message, invalidToken)
    return
  }
  socket.activity.token()
  void socket.await(socket.context.authenticate(token, socket.session.clientId), (outcome) => {
    if (outcome.kind === 'session') void moveTo(socket, outcome.session, message)
    else socket.reply(null, message, outcome.kind === 'invalid' ? 'invalid token' : 'token cannot be checked')
  })
}

/** Moves all channels to a session in one commit, and ends those that it may not join. Replies to `message`. */
export function moveTo(socket: ClientSocket, session: Session, message?: Message): Promise<void> {
  const { channels, context } = socket
  const answers = Promise.all(channels.map(({ topic }) => context.access.allows(topic, session)))
  return socket.await(answers, (allowed) => {
    const previous = socket.session
    socket.changeSession(session)
    for (const [i, channel] of channels.entries()) {
      // It costs as much as a join.
      if (!allowed[i]) channel.end(previous)
      else if (channel.move(previous)) socket.activity.join()
    }
    socket.pauseAtLimit()
    if (message !== undefined) socket.reply(null, message)
  })
}
