import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/lib/longest-first.mjs'

const packages = fileURLToPath(new URL('./packages', import.meta.url))

/** Tests that go by the clock, and use a quarter of a processor. */
const paced = [
  ...['tests/alerts/**', 'tests/bench/{allocations,readers,storm}.test.ts', 'tests/browser/blocked.test.ts'],
  ...['tests/cluster/{crash,soak/soak}.test.ts', 'tests/redis/{canary,faults,outage-log,refusals}.test.ts'],
]

/** Tests that measure time, use both processors, or need Redis to answer within half of a short lease. */
const serial = [
  ...['tests/attack/**', 'tests/settle/**', 'tests/cluster/{latency,replicas}.test.ts', 'tests/redis/engine.test.ts'],
]

/** Workers for tests that mostly wait for timers and servers: more make some wait too long for a processor. */
const waiting = 4

const filesIn = (patterns: readonly string[]) => patterns.map((pattern) => pattern.replace(/\*\*$/, '**/*.test.ts'))

export default defineConfig({
  resolve: {
    // Tests use the sources of packages; the processes that they start use the build.
    alias: [
      { find: '@headcount/core/fake-clock', replacement: `${packages}/core/src/runtime/fake-clock.ts` },
      { find: /^@headcount\/([a-z]+)$/, replacement: `${packages}/$1/src/index.ts` },
      { find: /^@headcount\/(?!tools\/)([a-z]+)\/(?!package\.json$)(.+)$/, replacement: `${packages}/$1/src/$2.ts` },
    ],
  },
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    // Tests of memory call `gc()`.
    execArgv: ['--expose-gc'],
    projects: [
      {
        extends: true,
        test: {
          name: 'units',
          include: ['packages/*/src/**/*.test.{ts,tsx}', 'apps/*/{src,server}/**/*.test.{ts,tsx,mjs}'],
          // A process for each of a hundred small files would take longer than their tests.
          isolate: false,
          maxWorkers: waiting,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Servers, Redis and browsers.
        extends: true,
        test: {
          name: 'whole',
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: [...paced, ...serial, 'tests/examples/**'],
          isolate: false,
          maxWorkers: waiting,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'paced',
          include: filesIn(paced),
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'serial',
          include: filesIn(serial),
          isolate: false,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Each test installs, builds and runs an application.
        extends: true,
        test: {
          name: 'examples',
          include: ['tests/examples/**/*.test.ts'],
          globalSetup: 'tests/examples/global-setup.ts',
          testTimeout: 300_000,
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
