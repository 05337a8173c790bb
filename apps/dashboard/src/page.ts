import type { Api } from './api.js'

/** One page of the dashboard: asked for its content at each poll, until it is left. */
export interface Page {
  readonly title: string
  /** How often it is read again, in ms; undefined for once. */
  readonly interval?: number
  /** Reads what it shows, and shows it in the element that it was made with. Rejects where something cannot be read. */
  poll(api: Api, signal: AbortSignal): Promise<void>
  /** Nothing was read at this time: plots have a gap here. */
  missed?(at: number): void
}
