import { expect, test } from 'vitest'
import { parseFlags } from './flags.js'

const flags = [
  { name: 'port', value: 'PORT', help: '' },
  { name: 'topics', value: 'PATTERN', help: '' },
]
const parse = (line: string) => Object.fromEntries(parseFlags(flags, line === '' ? [] : line.split(' ')))

test('a value follows its flag after a space or an equals sign', () => {
  expect(parse('')).toEqual({})
  expect(parse('--port 1 --topics a')).toEqual({ port: ['1'], topics: ['a'] })
  expect(parse('--port=1')).toEqual({ port: ['1'] })
  expect(parse('--port=a=b')).toEqual({ port: ['a=b'] })
  expect(parse('--port -1')).toEqual({ port: ['-1'] })
})

test('a flag may be given several times', () => {
  expect(parse('--port 1 --topics a --port 2')).toEqual({ port: ['1', '2'], topics: ['a'] })
})

test.each([
  ['--prot 1', 'expected a known flag, got --prot; did you mean --port?'],
  ['--xyzzy', 'expected a known flag, got --xyzzy'],
  ['-p 1', 'expected a known flag, got -p'],
  ['--__proto__ 1', 'expected a known flag, got --__proto__'],
  ['--port', '--port: expected PORT, got nothing'],
  ['--port=', '--port: expected PORT, got nothing'],
  ['--port --topics', '--port: expected PORT, got the flag --topics'],
  ['4000', 'expected flags, got "4000"'],
])('%s is refused', (line, message) => {
  expect(() => parse(line)).toThrow(new RegExp(`^${message.replace('?', '\\?')}$`))
})

test.each(['--jwt-secret hunter2', '--secret=hunter2', '--operator-key hunter2', '--token hunter2'])(
  'the secret in %s is refused and not shown',
  (line) => {
    expect(() => parse(line)).toThrow(/secrets are not given as flags.*HEADCOUNT_JWT_SECRET.*HEADCOUNT_TOKEN/)
    expect(() => parse(line)).not.toThrow(/hunter2/)
  },
)
