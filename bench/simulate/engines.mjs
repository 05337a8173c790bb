/**
 * What merges the counts of replicas, as far as its timing goes.
 *
 * @typedef {object} EngineModel
 * @property {number} window For how long, in ms, a replica gathers changes.
 * @property {number} hop How long, in ms, one way between a replica and the cluster takes.
 * @property {number} late By how many ms a timer of a replica is late at most.
 * @property {boolean} gated Whether a topic is published at most once an interval.
 * @property {number} slots Hash tags.
 * @property {number} lease In ms; 0: there is none.
 */

/** One process: packages/server/src/counting/memory.ts. @type {EngineModel} */
export const memory = { window: 0, hop: 0, late: 0, gated: false, slots: 1, lease: 0 }

/** packages/redis: engine.ts (window), lua/topic.lua (publish). @type {EngineModel} */
export const redis = { window: 50, hop: 0.5, late: 1.5, gated: true, slots: 1, lease: 10_000 }

/** Topics are spread over 64 hash tags. @type {EngineModel} */
export const redisCluster = { ...redis, slots: 64 }

/** Topics and people that one script call names at most: packages/redis/src/commit.ts. */
export const namedAtOnce = 400

/** How often a lease is renewed where nothing moves, and from when on a slot is due: counting/committer.ts, redis/src/slot.ts. */
export const renewals = 4
export const dueAfter = 1 / 5
/** After this part of a lease a topic that was not said is said again: redis/src/slot.ts. */
export const confirmedFor = 0.6
