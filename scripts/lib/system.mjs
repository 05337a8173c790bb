import { readFileSync } from 'node:fs'
import { programs } from '@headcount/tools/processes/programs.mjs'
import { run } from './run.mjs'

/**
 * Sees to the programs that the tests need beside Node. On Debian as root it installs those that are missing; anywhere
 * else it says in one line what to install, and the tests that need them are skipped.
 *
 * @param {import('./report.mjs').Report} report Gets one test: passed, skipped or failed.
 */
export async function systemPrograms(report) {
  const name = 'the programs that tests need: a Redis server, Chromium'
  if (missing().length > 0 && isDebian() && process.getuid?.() === 0) {
    const packages = missing().map(({ debian }) => debian)
    console.log(`▸ installing ${packages.join(' and ')} with apt-get …`)
    const trouble = await install(packages)
    if (trouble !== undefined) console.log(trouble)
  }
  const left = missing()
  for (const { name, install } of left) {
    console.log(`\n!!! This machine lacks ${name}, so the tests that need it are SKIPPED: ${install}.\n`)
  }
  if (left.length > 0) report.skip(`${name} (lacks ${left.map(({ name }) => name).join(' and ')})`)
  else {
    console.log(`✓ ${name}`)
    report.pass()
  }
}

/** @returns {import('@headcount/tools/processes/programs.mjs').Program[]} */
function missing() {
  return Object.values(programs).filter(({ find }) => find() === undefined)
}

function isDebian() {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

/**
 * Tries twice: mirrors fail for a moment, and another apt may hold the lock.
 *
 * @param {readonly string[]} packages
 * @returns {Promise<string | undefined>} The end of what apt-get said, where it could not.
 */
async function install(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const patience = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::http::Timeout=60']
  let log = ''
  for (const minutes of [5, 5]) {
    const update = await run('apt-get', [...patience, 'update', '-q'], { minutes: 2, env })
    const outcome = await run('apt-get', [...patience, 'install', '-q', '-y', '--no-install-recommends', ...packages], {
      minutes,
      env,
    })
    if (outcome.ok) return undefined
    log = update.output + outcome.output
  }
  return log.trimEnd().split('\n').slice(-20).join('\n')
}
