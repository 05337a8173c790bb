import { expect, test } from 'vitest'
import { lineLogger, logLevels } from './log.js'

function logAt(level: (typeof logLevels)[number]) {
  const lines: string[] = []
  const logger = lineLogger(level, { worker: 2 }, { write: (line) => void lines.push(line) })
  logger.debug({}, 'd')
  logger.info({ sockets: 3 }, 'i')
  logger.warn({}, 'w')
  logger.error({}, 'e')
  return lines
}

test('a message is one line of JSON with its level, time and fields, and without the host name', () => {
  const [line = ''] = logAt('info')
  expect(line).toMatch(/^\{.*\}\n$/)
  const { time, ...rest } = JSON.parse(line) as { time: string }
  expect(rest).toEqual({ level: 'info', worker: 2, sockets: 3, msg: 'i' })
  expect(new Date(time).toISOString()).toBe(time)
})

test('messages below the level are not logged', () => {
  expect(logLevels.map((level) => logAt(level).length)).toEqual([4, 3, 2, 1, 0])
})
