import { describe, expect, it } from 'vitest'
import { Report } from '../../scripts/lib/report.mjs'
import { vitest } from '../../scripts/lib/vitest.mjs'

const tallyOf = (...fixtures: string[]) =>
  vitest(['--config', 'tests/tooling/fixtures/vitest.config.ts', ...fixtures], { show: 'never' })

describe('the tally of a test run', () => {
  it('counts each test, a failed hook, a file that cannot be loaded, and an error that no test handled', async () => {
    const { passed, failed, skipped } = await tallyOf('mixed', 'hook', 'broken', 'unhandled')
    expect(passed).toBe(2)
    expect(failed.toSorted()).toEqual([
      expect.stringMatching(/broken.*cannot be loaded/),
      expect.stringMatching(/behind a hook that fails.*no server/),
      expect.stringContaining('does not hold'),
      'unhandled error: nobody waits for this',
    ])
    expect(skipped).toEqual([/never runs/, /is left out/, /is not written/].map((name) => expect.stringMatching(name)))
  })

  it('counts a test process that exits', async () => {
    const { failed } = await tallyOf('exit')
    expect(failed.join('\n')).toContain('unhandled error')
  })

  it('treats a run without tests as a failure', async () => {
    const { passed, failed } = await tallyOf('there-is-no-such-file')
    expect(passed).toBe(0)
    expect(failed).toEqual([expect.stringContaining('vitest')])
  })
})

describe('the summary of the test command', () => {
  it('ends with the totals, and with 0 if something passed and nothing failed', () => {
    const report = new Report({ strict: false })
    report.pass(3)
    report.skip('b')
    expect(report.lines().at(-1)).toBe('3 passed, 0 failed, 1 skipped')
    expect(report.exitCode).toBe(0)
  })

  it('exits with 1 if something failed, and names it', () => {
    const report = new Report({ strict: false })
    report.pass()
    report.fail('the build')
    expect(report.lines()).toEqual(['', 'Failed:', '  the build', '', '1 passed, 1 failed, 0 skipped'])
    expect(report.exitCode).toBe(1)
  })

  it('exits with 1 if nothing ran', () => {
    expect(new Report({ strict: false }).exitCode).toBe(1)
  })

  it('treats a skipped test as a failure on CI', () => {
    const report = new Report({ strict: true })
    report.pass()
    report.skip('over Redis')
    expect(report.lines().at(-1)).toBe('1 passed, 1 failed, 0 skipped')
    expect(report.exitCode).toBe(1)
  })
})
