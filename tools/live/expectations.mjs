import { vi } from 'vitest'

/** Waits until `condition` returns a truthy value. @param {() => unknown} condition */
export async function until(condition) {
  await vi.waitUntil(condition, { timeout: 8_000, interval: 5 })
}

/** @param {number} users @param {number} viewers */
export const counts = (users, viewers) => ({ users: { count: users }, viewers: { count: viewers } })
