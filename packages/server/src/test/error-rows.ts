import { docRows } from '@headcount/tools/docs/tables.mjs'
import { expect, test } from 'vitest'

/** The rows of a table of docs/ERRORS.md. Checks that it has exactly one for each key. */
export function errorRows(heading: string, provocations: object): string[][] {
  const rows = docRows('ERRORS.md', heading)
  test(`docs/ERRORS.md has exactly the rows of "${heading}"`, () => {
    expect(rows.map(([code]) => code)).toEqual(Object.keys(provocations))
  })
  return rows
}
