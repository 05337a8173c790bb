import { expect, test } from 'vitest'
import { type LogLevel, lineLogger } from './log.js'

function linesAt(level: LogLevel) {
  const lines: string[] = []
  const logger = lineLogger(level, { write: (line) => void lines.push(line) })
  logger.debug({}, 'd')
  logger.info({ sockets: 3 }, 'i')
  logger.warn({}, 'w')
  logger.error({}, 'e')
  return lines
}

test('each thing said is a line of JSON with its level, time and fields, and nothing of the machine', () => {
  const [line = ''] = linesAt('info')
  expect(line).toMatch(/^\{.*\}\n$/)
  const { time, ...rest } = JSON.parse(line) as { time: string }
  expect(rest).toEqual({ level: 'info', sockets: 3, msg: 'i' })
  expect(new Date(time).toISOString()).toBe(time)
})

test('what is below the level is not said', () => {
  expect((['debug', 'info', 'warn', 'error', 'silent'] as const).map((level) => linesAt(level).length)).toEqual([
    4, 3, 2, 1, 0,
  ])
})
