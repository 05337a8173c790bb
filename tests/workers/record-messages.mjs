// Imported into every process of a server: records all messages between a worker and its primary, in both directions.
import { appendFileSync } from 'node:fs'

const { MESSAGES_FILE: file, HEADCOUNT_WORKER: worker } = process.env
const { send } = process
if (file !== undefined && worker !== undefined && send !== undefined) {
  /** @param {unknown} message */
  const record = (message) => appendFileSync(file, `${JSON.stringify(message)}\n`)
  process.on('message', record)
  process.on(/** @type {'message'} */ ('internalMessage'), record)
  process.send = (/** @type {unknown[]} */ ...args) => {
    record(args[0])
    return Reflect.apply(send, process, args)
  }
}
