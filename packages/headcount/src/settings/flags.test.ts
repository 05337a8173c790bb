import { expect, test } from 'vitest'
import { parseFlags } from './flags.js'
import { nearest } from './suggest.js'

const flags = [
  { name: 'port', value: 'PORT', help: '' },
  { name: 'topics', value: 'PATTERN', many: true, help: '' },
  { name: 'demo', help: '' },
]
const parse = (line: string) => parseFlags(flags, line === '' ? [] : line.split(' '))
const refused = (line: string) => {
  try {
    parse(line)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('expected the flags to be refused, got none')
}

test('a value follows its flag, or an equals sign', () => {
  expect(parse('')).toEqual({})
  expect(parse('--port 1 --demo')).toEqual({ port: '1', demo: true })
  expect(parse('--port=1')).toEqual({ port: '1' })
  expect(parse('--port=a=b')).toEqual({ port: 'a=b' })
  expect(parse('--port -1')).toEqual({ port: '-1' })
})

test('of a flag that is given twice the last counts, unless it makes a list', () => {
  expect(parse('--port 1 --port 2')).toEqual({ port: '2' })
  expect(parse('--topics a --topics b,c')).toEqual({ topics: ['a', 'b', 'c'] })
})

test('an unknown flag is named, with the one that was likely meant', () => {
  expect(refused('--prot 1')).toBe('expected a flag that headcount knows, got --prot; did you mean --port?')
  expect(refused('--topic a')).toBe('expected a flag that headcount knows, got --topic; did you mean --topics?')
  expect(refused('--xyzzy')).toBe('expected a flag that headcount knows, got --xyzzy')
  expect(refused('-p 1')).toBe('expected a flag that headcount knows, got -p')
  expect(refused('--no-demo')).toContain('got --no-demo')
  expect(refused('--__proto__ 1')).toContain('got --__proto__')
})

test('a secret is refused as a flag and not repeated', () => {
  for (const line of ['--jwt-secret hunter2', '--secret=hunter2', '--operator-key hunter2', '--password hunter2']) {
    expect(refused(line)).toMatch(/secrets are not given as flags.*HEADCOUNT_JWT_SECRET/)
    expect(refused(line)).not.toContain('hunter2')
  }
})

test('a flag without its value, a switch with one, and a word without a flag are errors', () => {
  expect(refused('--port')).toBe('--port: expected PORT, got nothing')
  expect(refused('--port=')).toBe('--port: expected PORT, got nothing')
  expect(refused('--port --demo')).toBe('--port: expected PORT, got the flag --demo')
  expect(refused('--demo=yes')).toBe('--demo: expected no value, got one')
  expect(refused('4000')).toBe('expected flags, got "4000"')
})

test('the nearest name is the one that takes the fewest changes, if any is near', () => {
  expect(nearest('Limit', ['limits', 'flush'])).toBe('limits')
  expect(nearest('heartbeet', ['heartbeat'])).toBe('heartbeat')
  expect(nearest('abc', ['xyz', 'uvwxyz'])).toBeUndefined()
})
