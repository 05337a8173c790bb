import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import { serveEmbedded } from '@headcount/tools/processes/embedded.mjs'

export type Running = Awaited<ReturnType<typeof startHeadcount>>

/** Starts a server in this process, on a free port unless one is given. */
export function startHeadcount(options: HeadcountOptions = {}, port?: number) {
  return serveEmbedded((defaults) => createHeadcount({ ...defaults, ...options }), port)
}
