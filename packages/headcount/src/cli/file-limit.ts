import { defaultLimits, openFiles } from '@headcount/server'
import type { Settings } from '../settings/complete.js'

/** A lower limit of open files than this causes a warning, unless the settings allow fewer sockets. */
const usualFiles = 4_096

/** The limit of open files, if it is too low for the sockets of the settings. */
export function lowFileLimit({ limits: { sockets } }: Settings): number | undefined {
  const { limit = Number.POSITIVE_INFINITY } = openFiles() ?? {}
  // The default of limits.sockets is above what many machines allow.
  return limit < (sockets === defaultLimits.sockets ? usualFiles : sockets) ? limit : undefined
}
