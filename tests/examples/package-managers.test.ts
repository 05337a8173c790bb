import { test } from './fixtures.js'

test.for(['npm', 'yarn'] as const)('%s installs packages that type-check and build', async (manager, { install }) => {
  const example = await install('vite-react', { manager })
  await example.run('npm', 'run', 'build')
})
