import { expect, test } from 'vitest'
import { processors } from './processors.js'

const v2 = '/sys/fs/cgroup/cpu.max'
const slice = '/sys/fs/cgroup/system.slice/headcount.service/cpu.max'
const quota = '/sys/fs/cgroup/cpu/cpu.cfs_quota_us'
const period = '/sys/fs/cgroup/cpu/cpu.cfs_period_us'

test.each<[string, Readonly<Record<string, string>>, number]>([
  ['no limit', {}, 8],
  ['no limit in a container', { '/proc/self/cgroup': '0::/\n', [v2]: 'max 100000\n' }, 8],
  ['a container', { '/proc/self/cgroup': '0::/\n', [v2]: '200000 100000\n' }, 2],
  ['a container that sees the path of its host', { '/proc/self/cgroup': '0::/docker/1\n', [v2]: '200000 100000\n' }, 2],
  ['a fraction', { [v2]: '150000 100000\n' }, 2],
  ['less than one processor', { [v2]: '25000 100000\n' }, 1],
  ['more than the machine has', { [v2]: '1600000 100000\n' }, 8],
  ['systemd', { '/proc/self/cgroup': '0::/system.slice/headcount.service\n', [slice]: '300000 100000\n' }, 3],
  ['the first version of cgroups', { [quota]: '400000\n', [period]: '100000\n' }, 4],
  ['the first version without a limit', { [quota]: '-1\n', [period]: '100000\n' }, 8],
])('%s', (_, files, expected) => {
  const read = (path: string): string => {
    if (files[path] === undefined) throw new Error(path)
    return files[path]
  }
  expect(processors(8, read)).toBe(expected)
})
