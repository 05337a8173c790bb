/**
 * @typedef {import('../server/systems.mjs').SystemName} SystemName
 * @typedef {import('../trial.mjs').Bench} Bench
 * @typedef {import('../trial.mjs').Figures} Figures
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} what One line for people.
 * @property {string} unit What a size is a number of.
 * @property {readonly number[]} sizes
 * @property {number} quick The size of a trial.
 * @property {number} [most] Repeats beyond these say nothing new.
 * @property {(size: number) => readonly SystemName[]} systems Those that are measured where nobody says which.
 * @property {boolean} [alone] No other system can be measured.
 * @property {(bench: Bench, system: SystemName, size: number) => Promise<Figures>} run One trial.
 */

/** Moments from now at which all processes of the load begin: long enough for the order to reach them. */
export const soon = 200

/** How a crowd comes where its coming is not what is measured: no server loses any, for none has more than these to answer. */
export const gently = { atOnce: 50, within: 120_000 }
