import type { Group, TopicStore } from '@headcount/client'
import { announcement, createPacer, english, type Sentence, sentence } from '@headcount/client/text'
import { createElementClient, type ElementClient } from './client.js'
import { labelsOf } from './labels.js'

/** By the address of the server, and whether they only read: all elements of a page share them. */
const clients = new Map<string, ElementClient>()

/**
 * Shows the counts that the attributes of an element request, in its shadow root. Follows changes of attributes.
 * @param socket the server's, for an element without `src`.
 * @returns a function to call when the element is connected or disconnected.
 */
export function createView(host: HTMLElement, socket: string): () => void {
  const text = span('text')
  const status = span('announcement')
  let store: TopicStore<Group> | undefined
  let interval: number
  let draw: () => void
  let leave = (): void => {}
  let reported: string | undefined

  status.role = 'status'
  // Not the attribute, which a Content Security Policy may forbid.
  status.style.cssText =
    'position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap'
  host.attachShadow({ mode: 'open' }).append(text, status)

  const choice = <T extends string>(name: string, ...allowed: T[]): T => {
    const given = (host.getAttribute(name) ?? allowed[0]) as T
    if (allowed.includes(given)) return given
    throw new Error(`expected ${name} as ${allowed.join(' or ')}, got "${given}"`)
  }
  const show = (state: string, parts: Sentence, message?: string): void => {
    text.part = `text ${state}`
    text.replaceChildren(
      ...parts.map((part) =>
        typeof part === 'string'
          ? part
          : span(`group ${part.group}`, part.before, span('number', part.number), part.after),
      ),
    )
    if (message && message !== reported) {
      console.error('head-count:', message, host)
      host.dispatchEvent(new ErrorEvent('error', { message }))
    }
    reported = message
  }
  const announce = (message: string): void => {
    status.textContent = message
    text.ariaHidden = message ? 'true' : null
  }
  const subscribe = ({ connection }: ElementClient, next: TopicStore<Group>): void => {
    const pacer = createPacer(interval, announce)
    draw = () => {
      const locale = host.closest<HTMLElement>('[lang]')?.lang ?? 'en'
      // React 18 and Vue write a property that is false as text.
      const compact = (host.getAttribute('compact') ?? 'false') !== 'false'
      const style = { locale, labels: labelsOf(host, locale), compact }
      const snapshot = next.get()
      show(snapshot.status, sentence(snapshot, style), snapshot.reason ?? connection.error()?.message)
      if (interval) pacer.set(announcement(snapshot, style))
    }
    store = next
    const undo = [next.subscribe(draw), connection.subscribe(draw), pacer.stop, announce]
    leave = () => {
      for (const each of undo.splice(0)) each('')
      store = undefined
    }
  }

  const update = () => {
    if (!host.isConnected) return leave()
    try {
      const topic = host.getAttribute('topic')
      if (!topic) throw new Error('expected topic, got none')
      const mode = choice('mode', 'counted', 'observe', 'read')
      const src = host.getAttribute('src')
      const url = (src ? new URL(src, host.baseURI).href : socket).replace(/^ws/, 'http')
      const key = url + (mode === 'read')
      const client = clients.get(key) ?? createElementClient(url, mode === 'read')
      clients.set(key, client)
      client.signIn(host.getAttribute('token'))
      const next = client.topic(topic).store({
        observe: mode !== 'counted',
        count: choice('count', 'open', 'visible'),
        tabs: choice('tabs', 'each', 'one'),
      })
      const pause = Number(host.getAttribute('announce-every') ?? 10_000)
      if (next !== store || pause !== interval) {
        leave()
        interval = pause
        subscribe(client, next)
      }
      draw()
    } catch (error) {
      leave()
      show('invalid', [english.refused], (error as Error).message)
    }
  }
  // Its callback is a microtask: attributes that change together are one change.
  new MutationObserver(update).observe(host, { attributes: true })
  return update
}

function span(part: string, ...children: (string | Node)[]): HTMLElement {
  const element = document.createElement('span')
  element.part = part
  element.append(...children)
  return element
}
