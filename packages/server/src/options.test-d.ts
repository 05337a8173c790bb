import { expectTypeOf } from 'vitest'
import type {
  AuthOptions,
  Authorize,
  DrainOptions,
  EffectiveSetting,
  Engine,
  FlushSettings,
  Headcount,
  HeadcountOptions,
  HistoryReaders,
  HttpLimits,
  Limits,
  Logger,
  Metrics,
  PartialOptions,
  ReloadOptions,
  TopicRuleOption,
  TrackOptions,
  TransitionReceiver,
  Unit,
} from './index.js'

/** Each option can be named by an application, which installs no other package of ours. */
interface Named {
  engine: Engine
  groups: readonly string[]
  topics: readonly TopicRuleOption[]
  unit: Unit
  settle: number
  history: HistoryReaders
  shieldTick: number
  auth: AuthOptions
  authorize: Authorize
  secret: string
  operatorKey: string
  origins: readonly string[]
  trustProxy: readonly string[]
  lease: number
  canary: number
  limits: PartialOptions<Limits>
  http: PartialOptions<HttpLimits>
  flush: PartialOptions<FlushSettings>
  logger: Logger
  webhooks: TransitionReceiver
  metrics: Metrics
  settings: readonly EffectiveSetting[]
}

type AllOptions = { readonly [N in keyof HeadcountOptions]-?: NonNullable<HeadcountOptions[N]> }
expectTypeOf<AllOptions>().toExtend<Named>()
expectTypeOf<Named>().toExtend<AllOptions>()
expectTypeOf<Parameters<Headcount['close']>[0]>().toEqualTypeOf<DrainOptions | undefined>()
expectTypeOf<Parameters<Headcount['reload']>[0]>().toEqualTypeOf<ReloadOptions>()
expectTypeOf<Parameters<Headcount['track']>[2]>().toEqualTypeOf<TrackOptions | undefined>()
