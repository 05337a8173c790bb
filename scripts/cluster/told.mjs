import { lease } from './cluster.mjs'
import { status } from './commands.mjs'

/**
 * @typedef {import('./cluster.mjs').Cluster} Cluster
 * @typedef {Cluster['members'][number]} Member
 */

const seconds = lease / 1000

/** @param {Cluster} cluster @param {string} url */
export function welcome(cluster, url) {
  return `
Headcount is at ${url}: three replicas behind a balancer, over a Redis of their own.

${status(cluster)}

Open it in two tabs, or bring a crowd (it has a process of its own, and outlives every replica);
the foot of the page's Audience shows the replicas. Then type here, for example:

  kill 2      its viewers come back on the others at once, and are counted twice until its lease of ${seconds} s has lapsed
  stop 1      a deploy: its viewers are sent away first, so that nobody is counted twice
  pause 3     the balancer gives it up, the cluster forgets it within ${seconds} s; "resume 3" brings it back
  redis stop  every replica goes on with its own joins and leaves; "redis start", empty, and all counts are right again
  help        all the words, and how to end
`
}

/**
 * What there is to say of a member whose state is another now.
 *
 * @param {Member} member
 */
export function told(member) {
  const { name, state } = member
  const word = 'number' in member ? member.number : 'redis'
  switch (state) {
    case 'starting':
      return undefined
    case 'up':
      return `${name} is up (pid ${member.pid})`
    case 'unready':
      return `${name} lives, and is not ready: Redis does not answer it; it goes on with what it knows`
    case 'paused':
      return `${name} does not answer; ${order('resume', word)} lets it go on`
    case 'draining':
      return `${name} drains: its clients go elsewhere`
    case 'gone':
      return `${name} is gone${'ending' in member ? ` (${member.ending})` : ''}; ${order('start', word)} brings it back`
  }
}

/** @param {string} verb @param {number | 'redis'} word */
function order(verb, word) {
  return word === 'redis' ? `"redis ${verb}"` : `"${verb} ${word}"`
}
