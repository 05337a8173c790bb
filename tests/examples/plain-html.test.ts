import { freePorts } from '../../tools/processes/free-port.mjs'
import { fileServer } from './file-server.js'
import { shows, test } from './fixtures.js'

test('a page without a build shows live counts of the headcount command', async ({ install, open, onTestFinished }) => {
  const [port = 0, pagePort = 0] = await freePorts(2)
  const url = `http://127.0.0.1:${pagePort}`
  const example = await install('plain-html', { port, packages: ['headcount'] })
  await example.serve(`http://127.0.0.1:${port}/readyz`, 'headcount', 'serve', `--port=${port}`, `--origins=${url}`)
  const files = fileServer(example.folder).listen(pagePort, '127.0.0.1')
  onTestFinished(() => void files.close())

  await shows(await open(`${url}/index.html`), '0 users and 1 viewers')
})
