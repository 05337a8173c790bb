import type { MatchedRule, Topic } from '@headcount/core'
import type { Message } from '@headcount/protocol'
import { Channel } from './channel.js'
import type { ClientSocket } from './client-socket.js'
import { invalidJoin, readObserve } from './payloads.js'
import { receiveToken } from './sign-in.js'

/** Answers a message of a socket's client, or passes it to the channel of its topic. */
export function handleMessage(socket: ClientSocket, message: Message): void {
  const { topic, event } = message
  const channel = find(socket, topic)
  // A topic over the limit is not echoed: a reply must not be longer than its message.
  if (topic.length > socket.context.limits.topicBytes)
    socket.reply(null, { ...message, topic: 'phoenix' }, 'unmatched topic')
  else if (topic === 'phoenix' && event === 'heartbeat') socket.reply(null, message)
  else if (topic === 'phoenix' && event === 'token') receiveToken(socket, message)
  else if (event === 'phx_join') join(socket, message)
  else if (channel === undefined) replyUnjoined(socket, message)
  else if (channel.hasLeft) socket.queue.delay(() => replyUnjoined(socket, message))
  else channel.receive(message)
}

function replyUnjoined(socket: ClientSocket, message: Message): void {
  if (message.event === 'phx_leave') socket.reply(message.joinRef, message)
  else socket.reply(null, message, 'unmatched topic')
}

function find({ channels }: ClientSocket, topic: Topic): Channel | undefined {
  for (let i = 0; i < channels.length; i++) if (channels[i]!.topic === topic) return channels[i]
  return undefined
}

/** Whether other topics have all places. A channel that has left has none. */
function isFullFor({ channels, context }: ClientSocket, topic: Topic): boolean {
  const { topicsPerSocket } = context.limits
  if (channels.length < topicsPerSocket) return false
  return channels.filter((each) => !each.hasLeft && each.topic !== topic).length >= topicsPerSocket
}

/** Checks in the order of the contract: pattern, limit, payload, authorization. */
function join(socket: ClientSocket, message: Message): void {
  const { topic, payload, joinRef } = message
  const { topics, admission, access } = socket.context
  const rule = topics.match(topic)
  const isNew = find(socket, topic) === undefined
  const observe = readObserve(payload)
  socket.activity.join()
  socket.pauseAtLimit()
  if (rule === undefined) socket.reply(null, message, 'unmatched topic')
  else if (isFullFor(socket, topic)) socket.reply(joinRef, message, 'too many channels joined')
  else if (isNew && admission.join() !== undefined) socket.reply(joinRef, message, 'overloaded')
  else if (observe === undefined) socket.reply(joinRef, message, invalidJoin)
  else {
    const allowed = access.allows(topic, socket.session)
    if (typeof allowed === 'boolean') finishJoin(socket, allowed, message, rule, observe)
    else joinLater(socket, allowed, message, rule, observe)
  }
}

function joinLater(
  socket: ClientSocket,
  allowed: Promise<boolean>,
  message: Message,
  rule: MatchedRule,
  observe: boolean,
): void {
  void socket.await(allowed, (isAllowed) => finishJoin(socket, isAllowed, message, rule, observe))
}

function finishJoin(
  socket: ClientSocket,
  allowed: boolean,
  message: Message,
  rule: MatchedRule,
  observe: boolean,
): void {
  const { topic, joinRef } = message
  const previous = find(socket, topic)
  previous?.replace()
  if (!allowed) {
    socket.reply(joinRef, message, 'unauthorized')
    return
  }
  const channel = new Channel(socket, topic, joinRef, rule, observe)
  // Not `push`, and no spread: they reserve room for sixteen.
  socket.channels = socket.channels.concat(channel)
  socket.reply(joinRef, message)
  if (previous === undefined) channel.subscribe()
  else socket.queue.delay(() => channel.subscribe())
}
