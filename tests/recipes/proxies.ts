import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from '@headcount/tools/processes/child.mjs'
import { pathOf } from '@headcount/tools/processes/programs.mjs'
import { isReady, Service, startOnFreePort } from '@headcount/tools/processes/service.mjs'
import { blockOf } from './pages.js'

export type ProxyName = 'nginx' | 'haproxy' | 'caddy'

/** The changes of a test to the configuration of a page: each text or pattern must be in it. */
type Change = readonly [from: string | RegExp, to: string]

interface ProxyOptions {
  /** The port of Headcount. */
  readonly to: number
  /** Sets the proxy's timeouts of silent connections, in s, if it has any. */
  readonly silence?: number | undefined
  /** The ports of other replicas. */
  readonly others?: readonly number[]
  /** HAProxy only: how it distributes requests to all of them. */
  readonly balance?: string
}

interface Program {
  /** The language of the page's fenced block. */
  readonly language: string
  changes(port: number, options: ProxyOptions, folder: string): readonly Change[]
  /** The file around the page's block. */
  file?(block: string, folder: string): string
  args(path: string, folder: string): readonly string[]
}

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

const programs: Record<ProxyName, Program> = {
  nginx: {
    language: 'nginx',
    changes: (port, { to, silence, others = [] }) => [
      ['listen 80;', `listen 127.0.0.1:${port};`],
      [/^(.*127\.0\.0\.1:)4000(.*\n)/m, [to, ...others].map((each) => `$1${each}$2`).join('')],
      ...(silence ? [['proxy_pass ', `proxy_read_timeout ${silence}s; proxy_pass `] as const] : []),
    ],
    file: (block, folder) => `
      daemon off; master_process off; pid ${folder}/pid; error_log stderr;
      events { worker_connections 256; }
      http { access_log off; ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
      ${block} }`,
    args: (path, folder) => ['-e', 'stderr', '-p', folder, '-c', path],
  },
  haproxy: {
    language: 'haproxy',
    changes: (port, { to, silence, others = [], balance }) => [
      ['bind :80', `bind 127.0.0.1:${port}`],
      ['127.0.0.1:4000', `127.0.0.1:${to}`],
      ['  server two 127.0.0.1:4001\n', others.map((each) => `  server r${each} 127.0.0.1:${each}\n`).join('')],
      ...(balance === undefined ? [] : [['balance leastconn', `balance ${balance}`] as const]),
      ...(silence ? ([[/timeout (client|server|tunnel) \d+s/g, `timeout $1 ${silence}s`]] as const) : []),
    ],
    args: (path) => ['-db', '-f', path],
  },
  caddy: {
    language: 'caddyfile',
    changes: (port, { to, others = [] }) => [
      // A name would make Caddy ask for a certificate.
      ['counts.example.com', `http://:${port}`],
      ...(others.length > 0 ? [['\treverse_proxy 127.0.0.1:4000', blockOf('caddy', 'caddyfile', 1)] as const] : []),
      ['127.0.0.1:4000', `127.0.0.1:${to}`],
      ...others.map((each) => ['127.0.0.1:4001', `127.0.0.1:${each}`] as const),
    ],
    file: (block) => `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n${block}`,
    args: (path) => ['run', '--adapter', 'caddyfile', '--config', path],
  },
}

/**
 * Starts a real proxy on a free port of 127.0.0.1, with the configuration of its page in `docs/recipes`.
 * @returns its URL, and a function that stops it.
 */
export async function startProxyOf(name: ProxyName, options: ProxyOptions) {
  const { language, changes, file, args } = programs[name]
  const folder = mkdtempSync(join(tmpdir(), `headcount-${name}-`))
  const path = join(folder, 'configuration')
  const service = await startOnFreePort((port) => {
    const block = changed(blockOf(name, language), changes(port, options, folder))
    writeFileSync(path, file?.(block, folder) ?? block)
    const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
    const launch = () => new Child(pathOf(name), args(path, folder), { cwd: folder, env })
    return new Service(port, launch, () => isReady(`http://127.0.0.1:${port}/readyz`))
  })
  const stop = async () => {
    await service.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  return { url: `http://127.0.0.1:${service.port}`, stop }
}

function changed(block: string, changes: readonly Change[]): string {
  return changes.reduce((text, [from, to]) => {
    const after = text.replace(from, to)
    if (after === text) throw new Error(`expected ${from} in the configuration, got:\n${text}`)
    return after
  }, block)
}
