import { expect, onTestFinished, test, vi } from 'vitest'

const megabyte = 1_048_576

test.each<[string, number]>([
  ['', 4144 - 16],
  ['--max-semi-space-size=32', 4144 - 96 - 16],
  ['--max-old-space-size=1000', 1000 - 16],
  ['--max_old_space_size=2000 --max-semi-space-size=32 --max-old-space-size=1000', 1000 - 16],
])('with the flags "%s" V8 may fill %i MB with objects that are not new', async (flags, limit) => {
  vi.resetModules()
  vi.stubEnv('NODE_OPTIONS', flags)
  const heap = { used_heap_size: 100 * megabyte, heap_size_limit: 4144 * megabyte }
  vi.doMock('node:v8', () => ({ getHeapStatistics: () => heap }))
  const constrained = vi.spyOn(process, 'constrainedMemory').mockReturnValue(0)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    vi.doUnmock('node:v8')
    constrained.mockRestore()
  })
  const { memoryShare } = await import('./memory-share.js')
  expect(100 / memoryShare()).toBeCloseTo(limit)
})
