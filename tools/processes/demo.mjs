import { fileURLToPath } from 'node:url'
import { Child } from './child.mjs'
import { Service, startOnFreePort } from './service.mjs'

const main = fileURLToPath(new URL('../../apps/demo/server/main.mjs', import.meta.url))

/** @typedef {Awaited<ReturnType<typeof startDemo>>} Demo */

/**
 * Starts the built demo on a free port of 127.0.0.1, without this process's HEADCOUNT_ variables. Resolves when it
 * accepts connections.
 *
 * @param {readonly string[]} [args] Flags of `npm start`.
 */
export function startDemo(args = []) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(HEADCOUNT_|PORT$|VITEST|NODE_)/.test(name))
  return startOnFreePort((port) => {
    const launch = () =>
      new Child(process.execPath, [main, '--port', String(port), ...args], { env: Object.fromEntries(inherited) })
    const service = new Service(port, launch, (output) => output.includes('The demo is at'))
    return Object.assign(service, { url: `http://localhost:${port}` })
  })
}
