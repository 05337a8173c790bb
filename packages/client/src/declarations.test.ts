import { expect, test } from 'vitest'
import { typeDependencies } from '../test/declarations.js'

test('the types of the client need no types of phoenix', () => {
  expect(typeDependencies('client')).toEqual(['@headcount/protocol'])
})
