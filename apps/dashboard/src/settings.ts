import type { EffectiveSetting as Setting } from '@headcount/server'
import { type Api, Refused } from './api.js'
import { type Column, h, replace, table } from './dom.js'
import type { Page } from './page.js'

/** The settings in effect, and where each comes from. */
export class SettingsPage implements Page {
  readonly title = 'Settings'
  readonly #content = h('div')

  constructor(element: Element) {
    element.replaceChildren(h('h1', {}, 'Settings'), this.#content)
  }

  async poll(api: Api, signal: AbortSignal): Promise<void> {
    const settings = await api.json<{ settings: Setting[] }>('/api/settings', signal).catch((error: unknown) => {
      if (error instanceof Refused && error.status === 404) return undefined
      throw error
    })
    if (settings === undefined) {
      replace(this.#content, h('p', {}, 'This server is part of an application that does not report its settings.'))
      return
    }
    const columns: Column<Setting>[] = [
      ['Setting', ({ path }) => h('code', {}, breakable(path)), 'name'],
      ['Value', ({ value }) => h('code', {}, value), 'name'],
      ['Source', ({ source }) => source, 'name'],
    ]
    replace(this.#content, table('Secrets are not shown. docs/SETTINGS.md describes each.', columns, settings.settings))
  }
}

/** A name that may be broken between its words: `limits.` `sockets` `Per` `Address`. */
const breakable = (path: string): Node[] =>
  path.split(/(?<=\.)|(?=[A-Z])/).flatMap((word) => [new Text(word), document.createElement('wbr')])
