import { readFileSync } from 'node:fs'
import { programs } from '@headcount/tools/processes/programs.mjs'
import { run } from './run.mjs'

/**
 * Installs missing programs that tests need on Debian as root. Elsewhere it prints what to install, and the tests that
 * need them are skipped.
 *
 * @param {import('./report.mjs').Report} report Gets one test.
 */
export async function checkPrograms(report) {
  if (missing().length > 0 && isDebian() && process.getuid?.() === 0) await install(missing())
  for (const { name, install } of missing()) {
    console.log(`\n!!! ${name} is not installed, so tests that need it are SKIPPED: ${install}.\n`)
  }
  const names = missing().map(({ name }) => name)
  if (names.length > 0) return report.skip(`programs that tests need: ${names.join(' and ')} not installed`)
  console.log(`✓ programs that tests need: ${Object.keys(programs).join(', ')}`)
  report.pass()
}

function missing() {
  /** @type {import('@headcount/tools/processes/programs.mjs').Program[]} */
  const all = Object.values(programs)
  return all.filter(({ find }) => find() === undefined)
}

function isDebian() {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

/**
 * Tries twice: mirrors fail for a moment, or another apt holds the lock.
 *
 * @param {readonly import('@headcount/tools/processes/programs.mjs').Program[]} programs
 */
async function install(programs) {
  const packages = programs.map(({ debian }) => debian)
  const services = programs.flatMap(({ service }) => service ?? [])
  console.log(`▸ apt-get install ${packages.join(' ')}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const patient = ['-q', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::http::Timeout=60']
  let output = ''
  for (const minutes of [5, 5]) {
    await run('apt-get', [...patient, 'update'], { minutes, env })
    const outcome = await run('apt-get', [...patient, 'install', '-y', '--no-install-recommends', ...packages], {
      minutes,
      env,
    })
    if (outcome.ok) {
      // Without systemd there is none to stop.
      if (services.length > 0) await run('systemctl', ['disable', '--now', ...services])
      return
    }
    output = outcome.output
  }
  console.log(output.trimEnd().split('\n').slice(-20).join('\n'))
}
