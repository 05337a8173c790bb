/** One moment of a video, and a surface of any size to draw it on. */
export interface Frame {
  readonly ctx: CanvasRenderingContext2D
  /** CSS pixels; the context is already scaled to the screen. */
  readonly w: number
  readonly h: number
  /** Seconds since the video began. */
  readonly t: number
  /** How much of the video has passed, 0 to 1. */
  readonly p: number
}

/** Draws a moment. The same moment on the same surface is always the same picture. */
export type Scene = (frame: Frame) => void

export type Rgb = readonly [red: number, green: number, blue: number]
export type Palette = readonly Rgb[]

/** Repeatable randomness, so that stars and trees keep their places from frame to frame. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32
  }
}

export function lerp(a: number, b: number, x: number): number {
  return a + (b - a) * x
}

export function palette(...hexes: string[]): Palette {
  return hexes.map((hex) => {
    const n = Number.parseInt(hex.slice(1), 16)
    return [(n >> 16) & 255, (n >> 8) & 255, n & 255]
  })
}

export function css([red, green, blue]: Rgb, alpha = 1): string {
  return `rgb(${Math.round(red)} ${Math.round(green)} ${Math.round(blue)} / ${alpha})`
}

export function mix(a: Rgb, b: Rgb, x: number): Rgb {
  return [lerp(a[0], b[0], x), lerp(a[1], b[1], x), lerp(a[2], b[2], x)]
}

/** The palette at `x` (0 to 1) of a walk through several palettes of equal length. */
export function blend(palettes: readonly Palette[], x: number): Palette {
  const at = Math.min(Math.max(x, 0), 1) * (palettes.length - 1)
  const from = palettes[Math.floor(at)]!
  const to = palettes[Math.ceil(at)]!
  return from.map((colour, i) => mix(colour, to[i]!, at % 1))
}

/** Fills a band of the surface from top to bottom through the colours. */
export function wash({ ctx, w }: Frame, top: number, bottom: number, colours: Palette): void {
  const gradient = ctx.createLinearGradient(0, top, 0, bottom)
  colours.forEach((colour, i) => {
    gradient.addColorStop(i / Math.max(colours.length - 1, 1), css(colour))
  })
  ctx.fillStyle = gradient
  ctx.fillRect(0, top, w, bottom - top)
}

/** Light that falls off from a point. */
export function glow({ ctx }: Frame, x: number, y: number, radius: number, colour: Rgb, alpha: number): void {
  const gradient = ctx.createRadialGradient(x, y, 0, x, y, radius)
  gradient.addColorStop(0, css(colour, alpha))
  gradient.addColorStop(0.4, css(colour, alpha * 0.35))
  gradient.addColorStop(1, css(colour, 0))
  ctx.fillStyle = gradient
  ctx.fillRect(x - radius, y - radius, radius * 2, radius * 2)
}

/** Everything below a line `height(x)`, as a path left open to fill. */
export function below({ ctx, w, h }: Frame, height: (x: number) => number, step = 6): void {
  ctx.beginPath()
  ctx.moveTo(0, h)
  for (let x = 0; x <= w + step; x += step) ctx.lineTo(x, height(x))
  ctx.lineTo(w, h)
  ctx.closePath()
}

/** A smooth, endless line of hills: three sines of unlike lengths. `x` in widths; the result is about -1 to 1. */
export function hills(x: number, seed: number): number {
  return Math.sin(x * 5.1 + seed) * 0.5 + Math.sin(x * 11.7 + seed * 2.3) * 0.3 + Math.sin(x * 23.3 + seed * 4.1) * 0.12
}
