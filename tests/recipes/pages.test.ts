import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from '@headcount/tools/processes/child.mjs'
import { pathOf } from '@headcount/tools/processes/programs.mjs'
import { describe, expect, it } from 'vitest'
import { describeWith } from '../support/needs.js'
import { testFolder } from '../support/test-folder.js'
import { blockOf, folder, pageOf, pages } from './pages.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

describe.each(pages)('the recipe %s', (page) => {
  const text = pageOf(page)

  it('names only settings of the table of settings', () => {
    const settings = readFileSync(`${root}docs/SETTINGS.md`, 'utf8')
    const names = text.match(/HEADCOUNT_[A-Z_]+|\blimits\.[a-zA-Z]+|\bauth\.[a-z][a-zA-Z]+(?=`)/g) ?? []
    expect(names.filter((name) => !settings.includes(`\`${name}\``))).toEqual([])
  })

  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!)
    expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([])
  })
})

describeWith('systemd', 'the recipe of systemd', () => {
  it('has a unit that systemd verifies without a complaint, and finds hardened', async () => {
    const unit = blockOf('systemd', 'ini').replace('/usr/bin/node', process.execPath).replace('/opt/headcount/', root)
    const file = join(testFolder({ 'headcount.service': unit }), 'headcount.service')
    const child = new Child(pathOf('systemd'), ['verify', '--man=no', file])
    const { code } = await child.exited
    expect([code, child.output]).toEqual([0, ''])
    // Fails above 2 of 10.
    const security = ['security', '--offline=yes', '--no-pager', '--threshold=20', file]
    expect((await new Child(pathOf('systemd'), security).exited).code).toBe(0)
  })
})
