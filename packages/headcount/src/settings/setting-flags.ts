import { describe, settings } from './definitions.js'
import type { Flag } from './flags.js'

export const settingFlags: readonly Flag[] = settings.flatMap((setting) => {
  const { flag: name, value } = setting
  return name === undefined || value === undefined ? [] : [{ name, value, help: describe(setting) }]
})

export const configFlag: Flag = { name: 'config', value: 'PATH', help: 'the config file' }
