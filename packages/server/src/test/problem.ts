import { expect } from 'vitest'
import { type ProblemCode, problems } from '../http/problem.js'

/** Expects a response to be the JSON error of this code. */
export async function expectProblem(response: Response, code: ProblemCode): Promise<void> {
  expect({ status: response.status, body: await response.json() }).toEqual({
    status: problems[code],
    body: { error: { code, message: expect.stringMatching(/./) } },
  })
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
}
