import { freePort } from './free-port.mjs'

/** A server process on a port of 127.0.0.1. It can be started again on the same port after `stop` or `kill`. */
export class Service {
  /** @type {import('./child.mjs').Child | undefined} */
  #child
  #launch
  #ready

  /**
   * @param {number} port
   * @param {() => import('./child.mjs').Child} launch
   * @param {(output: string) => boolean | Promise<boolean>} ready Whether it accepts connections. Polled.
   */
  constructor(port, launch, ready) {
    this.port = port
    this.#launch = launch
    this.#ready = ready
  }

  /** The current process, or the last one. */
  get child() {
    if (this.#child === undefined) throw new Error('this server was never started')
    return this.#child
  }

  get pid() {
    return this.child.pid
  }

  /** Also true while it is paused. */
  get running() {
    return this.#child?.running ?? false
  }

  /** Output since the last start. */
  get output() {
    return this.#child?.output ?? ''
  }

  /** Resolves when it is ready. */
  async start() {
    this.#child = this.#launch()
    await this.#child.until('it was ready', this.#ready)
  }

  /** SIGTERM. */
  stop() {
    return this.child.stop()
  }

  /** SIGKILL. */
  async kill() {
    await this.#child?.kill()
  }

  pause() {
    this.child.pause()
  }

  resume() {
    this.child.resume()
  }
}

/**
 * Starts a service on a free port, and tries another port if a program took the first one in the meantime.
 *
 * @template {Service} T
 * @param {(port: number) => T} create
 */
export async function startOnFreePort(create) {
  for (let tries = 1; ; tries++) {
    const service = create(await freePort())
    try {
      await service.start()
      return service
    } catch (error) {
      await service.kill()
      if (tries === 3 || !/EADDRINUSE|already in use/.test(service.output)) throw error
    }
  }
}

/** Whether a URL answers, and with success. @param {string} url */
export async function isReady(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}
