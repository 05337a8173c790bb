import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createHeadcount, type HeadcountOptions } from '@headcount/server'
import { serveEmbedded } from '@headcount/tools/processes/embedded.mjs'
import { webSocketBlocker } from './block-web-sockets.js'

const packages = fileURLToPath(new URL('../../packages', import.meta.url))

/** A page that subscribes to a topic. Its query has the topic and the client's options, as JSON. */
const page = `<!doctype html>
<title>A page that counts</title>
<link rel="icon" href="data:,">
<script type="importmap">
  {"imports":{
    "@headcount/client":"/packages/client/dist/index.js","@headcount/protocol":"/packages/protocol/dist/index.js"
  }}
</script>
<script type="module">
  import { createClient } from '@headcount/client'

  const query = new URLSearchParams(location.search)
  globalThis.sent = []
  globalThis.urls = []
  globalThis.sockets = []
  globalThis.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols)
      sockets.push(this)
      urls.push([url, ...protocols])
    }
    send(text) {
      sent.push(text)
      super.send(text)
    }
  }
  // A minute is a second.
  const { setInterval } = globalThis
  globalThis.setInterval = (call, ms) => setInterval(call, ms / 60)
  globalThis.client = createClient({ url: '/socket', ...JSON.parse(query.get('options') ?? '{}') })
  globalThis.topic = client.topic(query.get('topic'))
  topic.subscribe(() => {})
  if (document.prerendering) setTimeout(fetch, 500, '/is-prerendered')
  addEventListener('pageshow', ({ persisted }) => { globalThis.wasRestored = persisted })
</script>`

/** A page that prerenders another one, and navigates to it on a message from a page of its origin. */
const starter = `<!doctype html>
<title>A page with a link</title>
<link rel="icon" href="data:,">
<script>
  const next = new URLSearchParams(location.search).get('next')
  const rules = document.createElement('script')
  rules.type = 'speculationrules'
  rules.textContent = JSON.stringify({ prerender: [{ urls: [next], eagerness: 'immediate' }] })
  document.head.append(rules)
  new BroadcastChannel('go').onmessage = () => { location.href = next }
</script>`

/** Serves a Headcount, the built client, and a page that uses both. */
export async function serveClientPage(options: HeadcountOptions) {
  const requested = new Set<string>()
  const { url, server, stop } = await serveEmbedded(
    () => createHeadcount(options),
    undefined,
    (request, response) => {
      const { pathname: path } = new URL(request.url ?? '', 'http://host')
      const isModule = /^\/packages\/\w+\/dist\/[\w-]+\.js$/.test(path)
      requested.add(path)
      response.setHeader('content-type', isModule ? 'text/javascript' : 'text/html')
      if (isModule) response.end(readFileSync(path.replace('/packages', packages)))
      else response.end(path === '/starter' ? starter : page)
    },
  )
  return {
    url,
    blockWebSockets: webSocketBlocker(server),
    /** The paths that were requested. */
    requested,
    /** The address of a page that prerenders another one. */
    starterOf: (next: string) => `${url}/starter?${new URLSearchParams({ next })}`,
    /** The address of a page that subscribes to a topic with these options of the client. */
    pageOf: (topic: string, client: object = {}) =>
      `${url}/?${new URLSearchParams({ topic, options: JSON.stringify(client) })}`,
    stop,
  }
}
