import { launchChromium } from '@headcount/tools/processes/chromium.mjs'
import type { Browser, CDPSession } from 'playwright-core'
import { vi } from 'vitest'

/** A reply or an error of the DevTools protocol. */
interface Answer {
  readonly id?: number
  readonly result?: { readonly result?: { readonly value?: unknown } }
}

/**
 * Tabs of one window, of which one is visible. Playwright makes every page of its own contexts visible, so these are in
 * a context that it does not control.
 */
export class Tabs {
  private constructor(
    private readonly browser: Browser,
    private readonly session: CDPSession,
    private readonly browserContextId: string,
  ) {}

  static async launch(): Promise<Tabs> {
    const browser = await launchChromium(['--disable-back-forward-cache'])
    const session = await browser.newBrowserCDPSession()
    const { browserContextId } = await session.send('Target.createBrowserContext')
    return new Tabs(browser, session, browserContextId)
  }

  /** Opens a tab in front of the others, or behind them. */
  async open(url: string, { background = false } = {}): Promise<Tab> {
    const { browserContextId } = this
    const { targetId } = await this.session.send('Target.createTarget', { url, browserContextId, background })
    return new Tab(this.session, targetId)
  }

  close(): Promise<void> {
    return this.browser.close()
  }
}

/** A tab. Until its page is evaluated no debugger is attached, which would turn prerendering off. */
export class Tab {
  #calls = 0
  #attached: Promise<{ sessionId: string }> | undefined

  constructor(
    private readonly session: CDPSession,
    private readonly targetId: string,
  ) {}

  /** Brings it to the front: it is visible, and the others are hidden. */
  async show(): Promise<void> {
    await this.session.send('Target.activateTarget', { targetId: this.targetId })
  }

  async close(): Promise<void> {
    await this.session.send('Target.closeTarget', { targetId: this.targetId })
  }

  /** Ends the process that renders it. */
  crash(): void {
    void this.#send('Page.crash')
  }

  /** Freezes a hidden page, or resumes it. */
  async setLifecycle(state: 'frozen' | 'active'): Promise<void> {
    await this.#send('Page.setWebLifecycleState', { state })
  }

  /** The value of an expression in its page. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.#send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    return answer.result?.result?.value
  }

  /** Waits until an expression in its page has a truthy value, and returns it. */
  async until(expression: string): Promise<unknown> {
    return vi.waitUntil(() => this.evaluate(expression), { timeout: 10_000, interval: 20 })
  }

  async #send(method: string, params: object = {}): Promise<Answer> {
    const { session, targetId } = this
    this.#attached ??= session.send('Target.attachToTarget', { targetId, flatten: false })
    const { sessionId } = await this.#attached
    const id = ++this.#calls
    const answered = new Promise<Answer>((resolve) => {
      const receive = (event: { sessionId: string; message: string }): void => {
        const answer = JSON.parse(event.message) as Answer
        if (event.sessionId !== sessionId || answer.id !== id) return
        session.off('Target.receivedMessageFromTarget', receive)
        resolve(answer)
      }
      session.on('Target.receivedMessageFromTarget', receive)
    })
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) })
    return answered
  }
}
