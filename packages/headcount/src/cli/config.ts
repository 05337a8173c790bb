import { topicWarnings } from '@headcount/server'
import { type Flag, parseFlags } from '../settings/flags.js'
import { loadSettings } from '../settings/load.js'
import { configFlag, settingFlags } from '../settings/setting-flags.js'
import type { Command } from './command.js'
import { flagRows, helpText } from './help.js'
import { table } from './table.js'

const flags: readonly Flag[] = [{ name: 'json', help: 'print a JSON object by setting' }, ...settingFlags, configFlag]

/** `headcount config`: shows every setting and the source of its value. */
export const config: Command = {
  help: helpText({
    usage: 'config [flags]',
    about:
      'Prints every setting that `headcount serve` would use here with the same flags: its name in the config file,\n' +
      'the flag, variable or file of its value, and the value. Secrets and passwords are not shown.',
    tables: { Flags: flagRows(flags) },
  }),
  async run(args, { env, cwd, print, printError }) {
    const given = parseFlags(flags, args)
    const settings = await loadSettings({ flags: given, env, cwd })
    const { effective: rows } = settings
    if (given.has('json')) {
      const byPath = rows.map(({ path, value, source }) => [path, { value, source }] as const)
      print(JSON.stringify(Object.fromEntries(byPath), undefined, 2))
    } else {
      for (const line of table(rows.map(({ path, value, source }) => [path, source, value]))) print(line)
    }
    for (const warning of [...settings.warnings, ...topicWarnings(settings.topics, settings)])
      printError(`warning: ${warning}`)
    return 0
  },
}
