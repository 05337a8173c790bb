const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The ms of `90s`, `15m`, `1h` or `7d`; undefined where the text is none of these, or is nothing long. */
export function parseDuration(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  return Number(number) * (units[unit] ?? 0) || undefined
}
