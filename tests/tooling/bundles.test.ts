import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { expect, it } from 'vitest'
import { testFolder } from '../support/test-folder.js'

const dashboard = 'createHeadcount().fetch(new Request("http://localhost/dashboard")).then((r) => r.text())'

it.each([
  ['redis', 'expireReplica'],
  ['server', `${dashboard}.then(console.log)`],
])('an application that bundles @headcount/%s reads to leave it out', async (name, use) => {
  const file = join(testFolder(), 'bundle.cjs')
  const input = fileURLToPath(import.meta.resolve(`@headcount/${name}`))
  const bundle = await rolldown({ input, platform: 'node', logLevel: 'silent' })
  await bundle.write({ file, format: 'cjs', codeSplitting: false })
  const code = `const { createHeadcount } = require(${JSON.stringify(file)}); ${use}`
  const run = promisify(execFile)(process.execPath, ['-e', code]).then(({ stdout }) => stdout, String)
  expect(await run).toContain(`leave @headcount/${name} out of the bundle`)
})
