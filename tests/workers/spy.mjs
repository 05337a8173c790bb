// Loaded into every process of a server: writes down all that crosses between a worker and its primary, either way.
import { appendFileSync } from 'node:fs'

const { SPY_FILE: file, HEADCOUNT_WORKER: worker } = process.env
const { send } = process
if (file !== undefined && worker !== undefined && send !== undefined) {
  /** @param {unknown} message */
  const note = (message) => appendFileSync(file, `${JSON.stringify(message)}\n`)
  process.on('message', note)
  process.on(/** @type {'message'} */ ('internalMessage'), note)
  process.send = (/** @type {unknown[]} */ ...args) => {
    note(args[0])
    return Reflect.apply(send, process, args)
  }
}
