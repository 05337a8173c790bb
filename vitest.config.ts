import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const packages = fileURLToPath(new URL('./packages', import.meta.url))

export default defineConfig({
  resolve: {
    // Tests run against the sources; what they spawn runs the build.
    alias: [
      { find: '@headcount/core/fake-clock', replacement: `${packages}/core/src/runtime/fake-clock.ts` },
      { find: /^@headcount\/([a-z]+)$/, replacement: `${packages}/$1/src/index.ts` },
      { find: /^@headcount\/(?!tools\/)([a-z]+)\/(?!package\.json$)(.+)$/, replacement: `${packages}/$1/src/$2.ts` },
    ],
  },
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Tests of what memory is held ask for `gc()` before they look.
    execArgv: ['--expose-gc'],
    projects: [
      {
        extends: true,
        test: {
          name: 'units',
          include: ['{packages,apps}/*/{src,server}/**/*.test.{ts,tsx,mjs}'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Whole servers, Redis and browsers: one file at a time, so that none starves another of the processor.
        extends: true,
        test: {
          name: 'whole',
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: ['tests/examples/**'],
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Two examples at a time: each installs, builds and runs an application.
        extends: true,
        test: {
          name: 'examples',
          include: ['tests/examples/**/*.test.ts'],
          globalSetup: 'tests/examples/global-setup.ts',
          testTimeout: 300_000,
          maxConcurrency: 2,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
