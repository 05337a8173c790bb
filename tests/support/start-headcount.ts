import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import { serveEmbedded } from '@headcount/tools/processes/embedded.mjs'

export type Running = Awaited<ReturnType<typeof startHeadcount>>

/** Starts a server in this process, by default on a free port. */
export function startHeadcount(options: HeadcountOptions = {}, port?: number) {
  return serveEmbedded((defaults) => createHeadcount({ ...defaults, ...options }), port)
}
