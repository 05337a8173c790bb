import { expect, test } from 'vitest'
import { typeDependencies } from '../../client/test/declarations.js'

test('the types need nothing but what the package depends on', () => {
  expect(typeDependencies('react')).toEqual(['@headcount/client', 'react'])
})
