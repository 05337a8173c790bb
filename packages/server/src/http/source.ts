import type { Totals } from '@headcount/protocol'

/** Where HTTP reads counts from. A reader is counted as nobody. */
export interface CountsSource {
  /** Whether some pattern allows the topic. */
  allows(topic: string): boolean
  /**
   * The totals of topics now, in the order asked; a topic with nobody in it is zeros.
   * @throws where they cannot be known just now.
   */
  read(topics: readonly string[]): Promise<Totals[]>
  /**
   * Calls `listener` with the topic's totals: at once where they are known, then on each change. Returns the undo.
   */
  follow(topic: string, listener: (totals: Totals) => void): () => void
  /** Why the server should take no sockets just now; undefined where it may. */
  trouble(): string | undefined
}
