import { agreeOnSettings } from './cluster-settings.js'
import { RedisEngineError } from './errors.js'
import { missingPermission, noCommand, noPermission, unknownCommand } from './permissions.js'
import type { SlotContext } from './slot-context.js'
import type { Subscriptions } from './subscriptions.js'
import { withTimeout } from './with-timeout.js'

const never = Number.NEGATIVE_INFINITY

/** This replica as a member of the cluster: its first lease, and the settings that all replicas share. */
export class Membership {
  #hasJoined = false
  /** When the settings of the cluster were compared and refreshed last. */
  #agreedAt = never

  /** @param home the context of the home slot. */
  constructor(
    private readonly home: SlotContext,
    private readonly subscriptions: Subscriptions,
  ) {}

  /** This replica has a lease, and the cluster's settings. */
  get hasJoined(): boolean {
    return this.#hasJoined
  }

  /**
   * Performs each operation of the engine once: runs the scripts, writes a lease, subscribes. Each commit retries what
   * Redis refuses temporarily.
   * @throws {RedisEngineError} `no_permission`, `mismatch`
   */
  async join(): Promise<void> {
    const { clock, timeout, replica, keys } = this.home
    const permitted = (error: unknown) => {
      const missing = missingPermission(error)
      if (missing !== undefined) throw noPermission([missing], keys.prefix)
      const unknown = unknownCommand(error)
      if (unknown !== undefined) throw noCommand([unknown])
      if (error instanceof RedisEngineError && error.code !== 'unreachable') throw error
    }
    await this.agree().catch(permitted)
    await withTimeout(clock, timeout, this.subscriptions.addPresence(replica)).catch(permitted)
  }

  /** Joins the cluster, or refreshes its settings if that is due: once per lease. */
  async agree(): Promise<void> {
    const now = this.home.clock.now()
    if (now - this.#agreedAt < this.home.lease) return
    const changed = await agreeOnSettings(this.home, this.#hasJoined ? 'refresh' : 'join')
    this.#hasJoined = true
    this.#agreedAt = now
    if (changed) this.subscriptions.reconnect('the cluster uses another kind of pub/sub')
  }

  /** Makes the next `agree` due: Redis may have lost the settings. */
  refresh(): void {
    this.#agreedAt = never
  }
}
