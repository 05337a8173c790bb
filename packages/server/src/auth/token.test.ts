import { expect, test } from 'vitest'
import { tokenOfRequest } from './token.js'

const offer = (query: string, protocols?: string) => tokenOfRequest(new URLSearchParams(query), protocols)
const encoded = (token: string) => `base64url.bearer.phx.${Buffer.from(token).toString('base64url')}`

test('the socket param token is the token', () => {
  expect(offer('vsn=2.0.0&token=a.b.c')).toEqual({ token: 'a.b.c', protocol: undefined })
})

test('the subprotocol that the stock client makes of authToken is the token, and phoenix the answer', () => {
  expect(offer('vsn=2.0.0', `phoenix, ${encoded('a.b.c')}`)).toEqual({ token: 'a.b.c', protocol: 'phoenix' })
  expect(offer('', `${encoded('a.b.c')},phoenix`)).toEqual({ token: 'a.b.c', protocol: 'phoenix' })
})

test('padding of the subprotocol is optional', () => {
  const padded = `base64url.bearer.phx.${Buffer.from('a.b.cc').toString('base64')}`
  expect(offer('', `phoenix, ${padded}`).token).toBe('a.b.cc')
  expect(offer('', 'phoenix, base64url.bearer.phx.YS5i').token).toBe('a.b')
  expect(offer('', 'phoenix, base64url.bearer.phx.YS5iLmNj==').token).toBe('a.b.cc')
})

test('phoenix is answered only where it is offered', () => {
  expect(offer('', encoded('a')).protocol).toBeUndefined()
  expect(offer('', 'phoenixx, xphoenix').protocol).toBeUndefined()
  expect(offer('', 'phoenix')).toEqual({ token: null, protocol: 'phoenix' })
})

test('the subprotocol wins over the param', () => {
  expect(offer('token=param', `phoenix, ${encoded('protocol')}`).token).toBe('protocol')
})

test('no token is none, and so is what scripts send in the place of none', () => {
  for (const query of ['', 'vsn=2.0.0', 'token=', 'token=undefined', 'token=null']) {
    expect(offer(query).token).toBeNull()
  }
  expect(tokenOfRequest(new URLSearchParams(), null).token).toBeNull()
  expect(offer('', 'phoenix, base64url.bearer.phx.').token).toBeNull()
})

test('what is no base64url is a token, to be found invalid', () => {
  expect(offer('', 'phoenix, base64url.bearer.phx.!!!').token).toBe('!!!')
})
