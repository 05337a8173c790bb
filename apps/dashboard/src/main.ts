import { Api, Refused } from './api.js'
import { h } from './dom.js'
import { clock } from './format.js'
import { Overview } from './overview.js'
import type { Page } from './page.js'
import { SettingsPage } from './settings.js'
import { TopicPage } from './topic.js'

const main = document.querySelector('main') as HTMLElement
const problem = document.querySelector('#problem') as HTMLElement
const live = document.querySelector('#live') as HTMLElement
const keyName = 'headcount.operator-key'

const api = new Api(takeKey())
let page: Page | undefined
let left = new AbortController()
let timer: ReturnType<typeof setTimeout> | undefined
let answeredAt: number | undefined

/** The key is in the fragment of the link, which browsers do not send, and then in this tab alone. */
function takeKey(): string | undefined {
  const [, key] = /^#key=(.+)$/.exec(location.hash) ?? []
  if (key !== undefined) {
    sessionStorage.setItem(keyName, decoded(key))
    history.replaceState(null, '', `${location.pathname}#/`)
  }
  return sessionStorage.getItem(keyName) ?? undefined
}

/** A link may be cut off, or typed by hand. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function open(): void {
  left.abort()
  left = new AbortController()
  answeredAt = undefined
  page = pageOf(decoded(location.hash.slice(2)))
  document.title = `${page.title} – Headcount`
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === (location.hash || '#/')) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  void poll()
}

function pageOf(path: string): Page {
  const [, topic] = /^topic\/(.+)$/s.exec(path) ?? []
  if (topic !== undefined) return new TopicPage(main, topic)
  return path === 'settings' ? new SettingsPage(main) : new Overview(main, () => void poll())
}

async function poll(): Promise<void> {
  clearTimeout(timer)
  const [current, { signal }] = [page, left]
  if (current === undefined || document.hidden) return
  try {
    await current.poll(api, signal)
    if (signal.aborted) return
    answeredAt = Date.now()
    say('')
    if (current.interval !== undefined) live.textContent = `Live, ${clock(answeredAt)}`
  } catch (error) {
    if (signal.aborted) return
    current.missed?.(Date.now())
    if (error instanceof Refused && error.status === 401) return askForKey()
    say(`${problemOf(error)}${answeredAt === undefined ? '' : `; shown is ${clock(answeredAt)}`}`)
  }
  timer = setTimeout(poll, current.interval ?? 10_000)
  if (current.interval === undefined && answeredAt !== undefined) clearTimeout(timer)
}

function problemOf(error: unknown): string {
  if (error instanceof Refused) return `The server answered: ${error.message}`
  return (error as Error).name === 'TimeoutError' ? 'The server does not answer' : 'The server cannot be reached'
}

/** Screen readers say a problem once; the time of the newest answer is for those who look. */
function say(text: string): void {
  problem.textContent = text
  live.textContent = ''
}

function askForKey(): void {
  page = undefined
  const key = h('input', { type: 'password', autocomplete: 'current-password', required: true })
  const submit = (event: Event): void => {
    event.preventDefault()
    api.key = key.value
    sessionStorage.setItem(keyName, key.value)
    open()
  }
  say(api.key === undefined ? '' : 'The server does not accept this key')
  // Managers of passwords ask for a name.
  const name = h('input', { type: 'text', autocomplete: 'username', value: 'operator', hidden: true })
  const form = h('form', { onsubmit: submit }, name, h('label', {}, "The operator's key", key), h('button', {}, 'Open'))
  const which = 'It is HEADCOUNT_OPERATOR_KEY of the server. Without it each server prints its own key when it starts.'
  main.replaceChildren(h('h1', {}, 'Operators only'), h('p', { class: 'quiet' }, which), form)
  key.focus()
}

// As a link it would leave the page, whose name is in the fragment.
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault()
  main.focus()
})
addEventListener('hashchange', () => {
  const key = takeKey()
  if (key !== undefined) api.key = key
  open()
  main.focus()
})
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return
  page?.missed?.(Date.now())
  void poll()
})
open()
