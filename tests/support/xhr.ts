/** The part of `XMLHttpRequest` that stock clients use, which Node does not have. */
class Xhr {
  readyState = 0
  responseText = ''
  timeout = 0
  ontimeout?: () => void
  onerror?: () => void
  onreadystatechange?: () => void
  readonly #aborter = new AbortController()
  readonly #headers = new Headers()
  #request: [method: string, url: string] = ['', '']

  open(method: string, url: string): void {
    this.#request = [method, url]
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers.set(name, value)
  }

  send(body: string | null): void {
    const [method, url] = this.#request
    const timer = this.timeout > 0 ? setTimeout(() => this.#finish(this.ontimeout), this.timeout) : undefined
    fetch(url, { method, headers: this.#headers, body, signal: this.#aborter.signal })
      .then(async (response) => {
        this.responseText = await response.text()
        this.#finish(this.onreadystatechange)
      })
      .catch(() => this.#finish(this.onerror))
      .finally(() => clearTimeout(timer))
  }

  abort(): void {
    this.readyState = 4
    this.#aborter.abort()
  }

  #finish(callback: (() => void) | undefined): void {
    if (this.readyState === 4) return
    this.readyState = 4
    this.#aborter.abort()
    callback?.()
  }
}

/** Makes stock clients poll in Node: they look in `self`, 1.3 in `window`. Call it before they are imported. */
export function installXhr(): void {
  Object.assign(globalThis, { XMLHttpRequest: Xhr, self: globalThis, window: globalThis })
}
