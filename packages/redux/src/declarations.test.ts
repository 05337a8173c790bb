import { expect, test } from 'vitest'
import { typeDependencies } from '../../client/test/declarations.js'

test('the types need nothing but what the package depends on', () => {
  const entries = ['index.d.ts', 'article.d.ts']
  expect(typeDependencies('redux', entries)).toEqual(['@headcount/client', '@headcount/protocol', '@reduxjs/toolkit'])
})
