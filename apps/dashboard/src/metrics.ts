/** The values of one metric by the value of its label; without a label, under the empty text. */
export type Values = ReadonlyMap<string, number>

/**
 * The values of a counter or a gauge in the Prometheus text format, whose label has no quotes in its values. Empty
 * where there are none.
 */
export function valuesOf(text: string, name: string): Values {
  const lines = text.matchAll(new RegExp(`^headcount_${name}(?:\\{[^"}]*"([^"]*)"[^}]*\\})? ([\\d.e+-]+)$`, 'gm'))
  return new Map([...lines].map(([, label = '', value]) => [label, Number(value)]))
}

export const total = (values: Values): number => [...values.values()].reduce((sum, value) => sum + value, 0)
