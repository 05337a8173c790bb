import { docRows } from '@headcount/tools/docs/tables.mjs'
import { expect, test } from 'vitest'

/** The rows of a table of docs/ERRORS.md. Checks that it has one for each key, and no other. */
export function errorRows(heading: string, provocations: object): string[][] {
  const rows = docRows('ERRORS.md', heading)
  test(`docs/ERRORS.md has a row for each of "${heading}", and no other`, () => {
    expect(rows.map(([code]) => code)).toEqual(Object.keys(provocations))
  })
  return rows
}
