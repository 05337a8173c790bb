/**
 * @typedef {import('../systems.mjs').SystemName} SystemName
 * @typedef {import('../systems.mjs').Server} Server
 * @typedef {Record<string, number>} Figures The figures of a trial, by column title.
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} what One line.
 * @property {string} [unit] The unit of sizes: `clients` by default.
 * @property {readonly number[]} sizes
 * @property {(size: number) => readonly SystemName[]} [systems] Measured unless `--only` says otherwise. Without it:
 *   only Headcount can be measured.
 * @property {readonly string[]} columns Of its table: names of figures. The first one is compared with Headcount's.
 * @property {(of: Choice) => TrialOptions | Promise<TrialOptions>} setup
 * @property {(of: Choice & Running) => Promise<Figures>} run One trial.
 *
 * @typedef {{ size: number, system: SystemName }} Choice
 * @typedef {{ trial: Trial, fleet: Fleet, server: Server, redis: RedisServer | undefined, cold: boolean }} Running
 *   `cold`: the CPU time of the trial does not matter.
 *
 * @typedef {object} TrialOptions
 * @property {number} topics
 * @property {number} [samples] One of this number of clients records a trace.
 * @property {import('../systems.mjs').StartOptions} [server]
 * @property {readonly string[]} [otherUrls] More servers that the clients of a topic are spread over.
 * @property {RedisServer} [redis] Passed on to `run`.
 * @property {() => Promise<void>} [stop] Called after the trial.
 *
 * @typedef {import('../trial.mjs').Trial} Trial
 * @typedef {import('../../tools/load/fleet.mjs').Fleet} Fleet
 * @typedef {import('../../tools/processes/redis.mjs').RedisServer} RedisServer
 */

/** How clients join if that is not measured: slowly enough that no server loses one. */
export const gently = { atOnce: 50, within: 120_000 }
