import { createView } from './view.js'

/**
 * Defines `<head-count>`. A no-op on a server, and if it is defined already.
 * @param socket the server's, for elements without `src`.
 */
export function define(socket: string): void {
  if (!globalThis.customElements || customElements.get('head-count')) return
  customElements.define(
    'head-count',
    class extends HTMLElement {
      readonly #update = createView(this, socket)
      // Microtasks batch a move of the element.
      connectedCallback(): void {
        queueMicrotask(this.#update)
      }
      disconnectedCallback(): void {
        queueMicrotask(this.#update)
      }
    },
  )
}
