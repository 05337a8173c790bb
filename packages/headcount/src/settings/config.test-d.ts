import { expectTypeOf } from 'vitest'
import type { HeadcountConfig } from './config.js'
import type { Config } from './schema.js'

type Section<T, K extends keyof T> = keyof NonNullable<T[K]>

// What is documented is what is checked.
expectTypeOf<keyof HeadcountConfig>().toEqualTypeOf<keyof Config>()
expectTypeOf<Section<HeadcountConfig, 'auth'>>().toEqualTypeOf<Section<Config, 'auth'>>()
expectTypeOf<Section<HeadcountConfig, 'limits'>>().toEqualTypeOf<Section<Config, 'limits'>>()
expectTypeOf<Section<HeadcountConfig, 'flush'>>().toEqualTypeOf<Section<Config, 'flush'>>()
expectTypeOf<Config>().toExtend<HeadcountConfig>()
