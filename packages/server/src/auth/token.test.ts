import { expect, test } from 'vitest'
import { tokenOfRequest } from './token.js'

const token = (query: string, protocols?: string) => tokenOfRequest(new URLSearchParams(query), protocols)
const encoded = (text: string) => `base64url.bearer.phx.${Buffer.from(text).toString('base64url')}`

test('the token is the socket param token', () => {
  expect(token('vsn=2.0.0&token=a.b.c')).toBe('a.b.c')
})

test('the token is in the subprotocol by which the stock client sends authToken', () => {
  expect(token('vsn=2.0.0', `phoenix, ${encoded('a.b.c')}`)).toBe('a.b.c')
  expect(token('', `${encoded('a.b.c')},phoenix`)).toBe('a.b.c')
})

test('padding of the subprotocol is optional', () => {
  const padded = `base64url.bearer.phx.${Buffer.from('a.b.cc').toString('base64')}`
  expect(token('', `phoenix, ${padded}`)).toBe('a.b.cc')
  expect(token('', 'phoenix, base64url.bearer.phx.YS5i')).toBe('a.b')
  expect(token('', 'phoenix, base64url.bearer.phx.YS5iLmNj==')).toBe('a.b.cc')
})

test('the subprotocol takes precedence over the param', () => {
  expect(token('token=param', `phoenix, ${encoded('protocol')}`)).toBe('protocol')
})

test('a missing token is null, and so are the texts that scripts send for one', () => {
  for (const query of ['', 'vsn=2.0.0', 'token=', 'token=undefined', 'token=null']) expect(token(query)).toBeNull()
  expect(tokenOfRequest(new URLSearchParams(), null)).toBeNull()
  expect(token('', 'phoenix, base64url.bearer.phx.')).toBeNull()
})

test('a subprotocol that is not base64url is a token, which verification rejects', () => {
  expect(token('', 'phoenix, base64url.bearer.phx.!!!')).toBe('!!!')
})
