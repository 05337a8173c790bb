import { defaultLimits, openFiles } from '@headcount/server'
import type { Settings } from '../settings/complete.js'

/** A server with a lower limit of open files than this is warned, unless its settings ask for fewer sockets. */
const usualFiles = 4_096

/** The limit of open files where it is too low for the sockets of the settings. */
export function lowFileLimit({ limits: { sockets } }: Settings): number | undefined {
  const { limit = Number.POSITIVE_INFINITY } = openFiles() ?? {}
  // The default of limits.sockets asks for more than many machines allow.
  return limit < (sockets === defaultLimits.sockets ? usualFiles : sockets) ? limit : undefined
}
