type Child = Node | string | number | null | undefined

/**
 * Makes an element. Attributes that are undefined or false are left out; a property `on…` is an event listener.
 * Children that are strings are text, so nothing that a server sends becomes markup.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, unknown>> = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value as EventListener)
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : String(value))
  }
  element.append(
    ...children.flat().flatMap((child) => (child == null ? [] : [typeof child === 'number' ? String(child) : child])),
  )
  return element
}

export type Column<Row> = readonly [title: string, cell: (row: Row) => Child, kind?: 'number' | 'name']

/** A table whose caption is read first. It scrolls by itself where it is too wide, also by keyboard. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): HTMLElement {
  const heads = columns.map(([title, , kind]) => h('th', { scope: 'col', class: kind }, title))
  const lines = rows.map((row) =>
    h(
      'tr',
      {},
      columns.map(([, cell, kind], i) =>
        i === 0 ? h('th', { scope: 'row', class: kind }, cell(row)) : h('td', { class: kind }, cell(row)),
      ),
    ),
  )
  const body = lines.length > 0 ? lines : [h('tr', {}, h('td', { colspan: columns.length, class: 'quiet' }, 'None'))]
  const name = h('caption', {}, h('span', {}, caption))
  const whole = h('table', {}, name, h('thead', {}, h('tr', {}, heads)), h('tbody', {}, body))
  return h('div', { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 }, whole)
}

export function figures(rows: readonly (readonly [name: string, value: Child])[]): HTMLElement {
  return h(
    'dl',
    { class: 'figures' },
    rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  )
}

/** Replaces the content of an element, and keeps the focus and the scroll positions of regions with the same label. */
export function replace(element: Element, ...children: readonly Child[]): void {
  const labelOf = (one: Element | null) => one?.getAttribute('aria-label')
  const scrolled = [...element.querySelectorAll('.scroll')].map((one) => [labelOf(one), one.scrollLeft] as const)
  const focused = document.activeElement
  const key = focused !== null && element.contains(focused) ? (focused.getAttribute('href') ?? labelOf(focused)) : null
  element.replaceChildren(
    ...children.flatMap((child) => (child == null ? [] : [String(child) === child ? child : (child as Node)])),
  )
  for (const [label, left] of scrolled) {
    for (const one of element.querySelectorAll('.scroll')) if (labelOf(one) === label) one.scrollLeft = left
  }
  if (key == null) return
  const all = [...element.querySelectorAll<HTMLElement>('a, [tabindex]')]
  const same = all.find((one) => one.getAttribute('href') === key || labelOf(one) === key)
  same?.focus({ preventScroll: true })
}
