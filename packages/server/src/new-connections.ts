import { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { WorkQueue } from './work-queue.js'

/**
 * Lets a server begin to read its new connections when it is their turn, those of its addresses in rotation. Node would
 * read all that are waiting, maybe thousands, before anything else. Other servers than plain HTTP are left alone.
 * @returns a function that undoes it.
 */
export function readInTurns(server: unknown, work: WorkQueue): () => void {
  if (!(server instanceof Server)) return () => {}
  const wait = (socket: Socket): void => {
    socket.pause()
    work.add(() => socket.resume(), socket.remoteAddress)
  }
  server.on('connection', wait)
  return () => server.off('connection', wait)
}
