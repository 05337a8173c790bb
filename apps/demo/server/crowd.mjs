/** @typedef {Pick<import('@headcount/tools/load/crowd.mjs').Crowd, 'here' | 'resize' | 'stop'>} Connections */

/** Maximum simulated people of the demo. */
export const maxCrowd = 500

/**
 * The requested number of people, and the percentage of them that is signed in.
 *
 * @typedef {{ readonly people: number, readonly signedIn: number }} CrowdSize
 *
 * @typedef {object} DemoCrowd
 * @property {() => CrowdSize & { readonly joined: number, readonly max: number }} state
 * @property {(size: CrowdSize) => void} resize
 * @property {() => Promise<void>} stop Closes every socket of the crowd.
 */

/**
 * A crowd that the page resizes.
 *
 * @param {(size: { users: number, viewers: number }) => Connections} create Called at the first resize: the crowd needs
 *   the port that the server listens on.
 * @returns {DemoCrowd}
 */
export function demoCrowd(create) {
  /** @type {Connections | undefined} */
  let crowd
  /** @type {CrowdSize} */
  let size = { people: 0, signedIn: 25 }
  return {
    state() {
      const { users, viewers } = crowd?.here ?? { users: 0, viewers: 0 }
      return { ...size, joined: users + viewers, max: maxCrowd }
    },
    resize(next) {
      size = next
      const users = Math.round((size.people * size.signedIn) / 100)
      const groups = { users, viewers: size.people - users }
      if (crowd === undefined) crowd = create(groups)
      else crowd.resize(groups)
    },
    async stop() {
      await crowd?.stop()
    },
  }
}
