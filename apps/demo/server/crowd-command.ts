import { type Clock, HeadcountError, systemClock } from '@headcount/core'
import { signToken } from '@headcount/server'
import type { Command, Surroundings } from 'headcount'
import { configFlag, type Flag, type FlagValues, helpText, loadSettings, parseDuration, parseFlags } from 'headcount'
import { crowdAddress } from './crowd/address.js'
import { createCrowd } from './crowd/crowd.js'
import type { Progress } from './crowd/register.js'
import { Report, type Screen } from './crowd/report.js'
import { maxCrowd } from './crowd/size.js'

const flags: readonly Flag[] = [
  { name: 'url', value: 'URL', help: 'the server (ws://127.0.0.1:4000)' },
  { name: 'topic', value: 'TOPIC', help: 'the topic that they join (video:42)' },
  { name: 'viewers', value: 'N', help: 'how many come without signing in (100)' },
  { name: 'users', value: 'N', help: 'how many come signed in, by the configured secret (0)' },
  { name: 'churn', value: 'SHARE', help: 'the share that leaves each second and comes back, 0 to 1 (0.05)' },
  { name: 'for', value: 'DURATION', help: 'how long they stay, such as 60s or 5m (until Ctrl-C)' },
  { name: 'anywhere', help: 'allow a server that is not on this machine' },
  configFlag,
]

/** Timers that keep the process alive: between two attempts there is nothing else that does. */
const clock: Clock = {
  ...systemClock,
  after(ms, act) {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}

/** `headcount crowd`: simulated people on real sockets, until their time is up or somebody asks them to go. */
export function crowdCommand(screen: Screen | undefined): Command {
  return {
    name: 'crowd',
    summary: 'send a simulated crowd to a topic, and watch it come and go',
    help: helpText({
      usage: 'crowd [flags]',
      about:
        `Opens up to ${maxCrowd} sockets on a server and joins a topic with each of them. Users need the server's\n` +
        'HEADCOUNT_JWT_SECRET, with which their tokens are signed.',
      flags,
    }),
    run: async (args, around) => run(parseFlags(flags, args), around, screen),
  }
}

export const crowd: Command = crowdCommand(process.stdout.isTTY ? process.stdout : undefined)

async function run(given: FlagValues, around: Surroundings, screen: Screen | undefined): Promise<number> {
  const url = crowdAddress(textOf(given, 'url', 'ws://127.0.0.1:4000'), given.anywhere === true)
  const viewers = numberOf(given, 'viewers', 100)
  const users = numberOf(given, 'users', 0)
  if (viewers + users === 0) throw bad('--viewers: expected somebody to come, got nobody')
  const lifetime = given.for === undefined ? undefined : durationOf(textOf(given, 'for', ''))
  const crowd = createCrowd({
    url,
    topic: textOf(given, 'topic', 'video:42'),
    viewers,
    users,
    churn: shareOf(given, 0.05),
    signToken: users === 0 ? undefined : await signer(given, around),
    random: Math.random,
    clock,
  })
  const report = new Report({ screen, print: around.print, now: clock.now })
  let last: Progress | undefined
  crowd.on('progress', (progress) => {
    last = progress
  })
  const unreport = crowd.on('progress', (progress) => report.progress(progress))
  crowd.start()
  await timeToGo(around, lifetime)
  unreport()
  await crowd.stop()
  report.end(last!)
  if (last!.joins > 0) return 0
  around.complain(`headcount: expected somebody to join, got nobody: ${last!.reason ?? 'there was no time'}`)
  return 1
}

/** Resolves when their time is up or at the first signal; the next one kills, as if nobody listened. */
function timeToGo({ onStop }: Surroundings, lifetime: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      undoSignals()
      undoTimer?.()
      resolve()
    }
    const undoTimer = lifetime === undefined ? undefined : clock.after(lifetime, end)
    const undoSignals = onStop(end)
  })
}

async function signer(flags: FlagValues, { env, cwd }: Surroundings): Promise<(user: string) => Promise<string>> {
  const { auth } = await loadSettings({ flags, env, cwd })
  const { secret } = auth
  if (secret === undefined) {
    throw bad(
      "HEADCOUNT_JWT_SECRET: expected the server's secret to sign users' tokens, got none; --users 0 needs none",
    )
  }
  return (user) => signToken(secret, user, { ...auth, expires: 3_600_000 })
}

function textOf(flags: FlagValues, name: string, instead: string): string {
  return String(flags[name] ?? instead)
}

function numberOf(flags: FlagValues, name: string, instead: number): number {
  const text = textOf(flags, name, String(instead))
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw bad(`--${name}: expected a whole number from 0 to ${maxCrowd}, got ${JSON.stringify(text)}`)
}

function shareOf(flags: FlagValues, instead: number): number {
  const text = textOf(flags, 'churn', String(instead))
  if (/^(0|1|0?\.\d+|1\.0+|0\.0+)$/.test(text)) return Number(text)
  throw bad(`--churn: expected a share from 0 to 1, such as 0.05, got ${JSON.stringify(text)}`)
}

function durationOf(text: string): number {
  const duration = parseDuration(text)
  if (duration !== undefined) return duration
  throw bad(`--for: expected a duration such as 60s or 5m, got ${JSON.stringify(text)}`)
}

function bad(message: string): HeadcountError {
  return new HeadcountError('bad_setting', message)
}
