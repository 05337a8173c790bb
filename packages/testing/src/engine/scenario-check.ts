import type { Scenario } from './scenario.js'

/** Checks one behavior of an engine on its own cluster. */
export type ScenarioCheck = (scenario: Scenario) => Promise<void>

/** Registers a check as a test. Checks run concurrently. */
export type RegisterCheck = (name: string, check: ScenarioCheck) => void
