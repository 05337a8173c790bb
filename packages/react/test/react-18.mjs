/**
 * Runs this package's tests on React 18, which npm cannot install beside 19 in one workspace:
 * `node packages/react/test/react-18.mjs [version]`. It installs that React into a temporary folder first.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [version = '18'] = process.argv.slice(2)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'react-18-'))
const modules = join(folder, 'node_modules')
const config = join(folder, 'vitest.config.mjs')

try {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const wanted = [`react@${version}`, `react-dom@${version}`, '@testing-library/react@16', '@testing-library/dom@10']
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...wanted], { cwd: folder, stdio: 'inherit' })
  writeFileSync(
    config,
    `import base from ${JSON.stringify(join(root, 'vitest.config.ts'))}
const modules = ${JSON.stringify(modules)}
const alias = [
  { find: /^(react|react-dom)$/, replacement: modules + '/$1/index.js' },
  { find: /^(react|react-dom)\\/(.+)$/, replacement: modules + '/$1/$2.js' },
  { find: '@testing-library/react', replacement: modules + '/@testing-library/react/dist/index.js' },
]
export default { ...base, resolve: { alias: [...alias, ...base.resolve.alias] } }
`,
  )
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', '--root', root, '--config', config, 'packages/react/src']
  execFileSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, REACT: version.split('.')[0] },
  })
} finally {
  rmSync(folder, { recursive: true })
}
