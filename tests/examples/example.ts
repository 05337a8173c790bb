import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { dependOn } from '../../tools/packs/depend.mjs'
import { Child } from '../../tools/processes/child.mjs'

const examples = fileURLToPath(new URL('../../examples', import.meta.url))
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|HEADCOUNT_|VITEST|NODE_ENV|NODE_OPTIONS)/.test(name)),
  ),
  NEXT_TELEMETRY_DISABLED: '1',
  YARN_ENABLE_TELEMETRY: '0',
  YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  YARN_NODE_LINKER: 'node-modules',
}

const installs = {
  npm: () => ['npm', 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'],
  pnpm: () => [inject('pnpm'), 'install', '--prefer-offline', '--ignore-scripts'],
  yarn: () => ['npx', '--yes', '--package', '@yarnpkg/cli-dist@4', 'yarn', 'install'],
}

export interface ExampleOptions {
  /** Replaces 4000, the port of Headcount in the examples. */
  readonly port?: number
  /** Default: pnpm, which takes a fifth of the time of npm, and detects undeclared packages. */
  readonly manager?: keyof typeof installs
  /** Packages to install besides those that the example depends on. */
  readonly packages?: readonly string[]
}

/** A copy of an example, with the packed packages instead of the published ones. */
export class Example {
  readonly #servers: Child[] = []

  private constructor(readonly folder: string) {}

  static async install(name: string, { port = 4000, manager = 'pnpm', packages = [] }: ExampleOptions = {}) {
    const folder = mkdtempSync(join(inject('folder'), `${name}-`))
    const isSource = (path: string) => !/(node_modules|dist|\.next)$/.test(path)
    cpSync(join(examples, name), folder, { recursive: true, filter: isSource })
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (!entry.isFile()) continue
      const text = readFileSync(path, 'utf8').replaceAll('localhost:4000', `127.0.0.1:${port}`)
      writeFileSync(path, text.replaceAll(/\b4000\b/g, String(port)))
    }
    dependOn(folder, new Map(inject('tarballs')), { packages, pnpm: manager === 'pnpm' })
    // A lock file makes Yarn treat the folder as a separate project.
    if (manager === 'yarn') writeFileSync(join(folder, 'yarn.lock'), '')
    const example = new Example(folder)
    await example.run(...(installs[manager]() as [string, ...string[]]))
    return example
  }

  /** Runs a command of the application to its end. @throws if it fails; the error has its output. */
  async run(command: string, ...args: string[]): Promise<string> {
    const child = this.#spawn(command, args)
    const { code } = await child.exited
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${child.output}`)
    return child.output
  }

  /** Starts a server. Resolves when the URL answers. */
  async serve(url: string, command: string, ...args: string[]): Promise<void> {
    const child = this.#spawn(command, args)
    this.#servers.push(child)
    await child.until(
      `${url} answered`,
      () =>
        fetch(url).then(
          () => true,
          () => false,
        ),
      { within: 60_000 },
    )
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()))
  }

  #spawn(command: string, args: readonly string[]): Child {
    const bin = join(this.folder, 'node_modules/.bin')
    return new Child(command, args, { cwd: this.folder, env: { ...env, PATH: `${bin}:${process.env.PATH}` } })
  }
}
