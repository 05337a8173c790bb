import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { freePorts } from '../../tools/processes/free-port.mjs'
import { findingsInAllLooks } from '../support/axe.js'
import { fileServer } from './file-server.js'
import { eventually, test } from './fixtures.js'

/** The text of a page, including its elements. */
const textOf = (page: Page) =>
  page.evaluate(() => `${document.body.textContent} ${document.querySelector('head-count')?.shadowRoot?.textContent}`)

test.for([
  ['plain-html', '0 users and 1 viewers'],
  ['element', '1 viewer'],
] as const)(
  'the page of %s, without a build, shows live counts of the headcount command',
  async ([name, text], { install, open, onTestFinished }) => {
    const [port = 0, pagePort = 0] = await freePorts(2)
    const url = `http://127.0.0.1:${pagePort}`
    const example = await install(name, { port, packages: ['headcount'] })
    await example.serve(`http://127.0.0.1:${port}/readyz`, 'headcount', 'serve', `--port=${port}`, `--origins=${url}`)
    const files = fileServer(example.folder).listen(pagePort, '127.0.0.1')
    onTestFinished(() => void files.close())

    const page = await open(`${url}/index.html`)
    await eventually(async () => expect(await textOf(page)).toContain(text))
    expect(await findingsInAllLooks(page)).toEqual([])
  },
)
