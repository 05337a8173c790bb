import { errorText, type Logger, type LogLimiter } from '@headcount/core'
import { type AuthOptions, createAuth, defaultAuth } from './auth/auth.js'
import { log } from './log-events.js'
import { checkReloadOptions, type ReloadOptions } from './options.js'
import { type AllowsOrigin, allowsOrigin } from './origins.js'
import { secretWarnings } from './secret-warnings.js'

/** The current values of the options that `reload` replaces. */
export class Reloadable {
  #auth: ReturnType<typeof createAuth>
  #origins: AllowsOrigin

  constructor(
    private options: ReloadOptions,
    private readonly logger: Logger,
    logs: LogLimiter,
  ) {
    const failed = (error: unknown, hasKeys: boolean): void => {
      const event = hasKeys ? 'keys_not_fetched' : 'keys_unavailable'
      log(logs.by(event), event, { reason: errorText(error) })
    }
    this.#auth = createAuth(options.auth, { jwks: { failed } })
    this.#origins = allowsOrigin(options.origins)
    this.#auth.refetchKeys().catch(() => {})
  }

  readonly verify = (token: string | null) => this.#auth.verify(token)

  readonly allowsOrigin: AllowsOrigin = (origin, host) => this.#origins(origin, host)

  get expiredToken(): NonNullable<AuthOptions['expiredToken']> {
    return this.options.auth?.expiredToken ?? defaultAuth.expiredToken
  }

  get settings(): ReloadOptions['settings'] {
    return this.options.settings
  }

  /** @throws {HeadcountError} `bad_option` if an option is invalid. Nothing changes then. */
  reload(changes: ReloadOptions): void {
    checkReloadOptions(changes)
    const options = { ...this.options, ...changes }
    const origins = allowsOrigin(options.origins)
    if (Object.hasOwn(changes, 'auth')) {
      this.#auth = this.#auth.with(changes.auth)
      this.#auth.refetchKeys().catch(() => {})
    }
    this.options = options
    this.#origins = origins
    for (const reason of secretWarnings(changes)) log(this.logger, 'odd_secret', { reason })
  }
}
