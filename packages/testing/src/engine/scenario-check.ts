import type { Scenario } from './scenario.js'

/** Checks one behaviour of an engine on a cluster of its own. */
export type ScenarioCheck = (scenario: Scenario) => Promise<void>

/** Registers a check as a test. Checks run concurrently. */
export type RegisterCheck = (name: string, check: ScenarioCheck) => void
