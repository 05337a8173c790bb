import { expect } from 'vitest'

/** Expects an answer to be the JSON error of this status and code. */
export async function expectProblem(answer: Response, status: number, code: string): Promise<void> {
  expect({ status: answer.status, body: await answer.json() }).toEqual({
    status,
    body: { error: { code, message: expect.stringMatching(/./) } },
  })
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
}
