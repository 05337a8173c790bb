import { below, blend, css, type Frame, glow, hills, lerp, mix, palette, type Scene, seeded, wash } from './brush.js'

const skies = [
  palette('#7fb4c9', '#cfe0d6', '#f6e3bd'),
  palette('#8aa6c4', '#e7c9b3', '#fbd8a0'),
  palette('#5b6fa3', '#cf8f8d', '#f7b27a'),
]
const sands = [palette('#e9c795', '#c98f58'), palette('#e8b07a', '#a96545'), palette('#d68a64', '#6f3d44')]

/** Wind over dunes from noon to evening: the light turns, the ridges breathe. */
export const dunes: Scene = (frame) => {
  const { ctx, w, h, t, p } = frame
  const sky = blend(skies, p)
  wash(frame, 0, h * 0.75, sky)
  const sun = { x: w * 0.27, y: lerp(h * 0.16, h * 0.36, p) }
  glow(frame, sun.x, sun.y, h * 0.7, sky[2]!, 0.9)
  ctx.fillStyle = '#fff7e2'
  ctx.beginPath()
  ctx.arc(sun.x, sun.y, h * 0.055, 0, Math.PI * 2)
  ctx.fill()

  const rows = 6
  for (let row = 0; row < rows; row++) {
    const near = row / (rows - 1)
    const base = lerp(h * 0.46, h * 0.94, near ** 1.2)
    const drift = t * 0.0016 * (0.3 + near)
    const crest = (x: number) =>
      base - hills((x / w) * lerp(0.9, 0.34, near) + drift, row * 2.7 + 1) * h * lerp(0.05, 0.15, near)
    drawDune(frame, crest, base, near, sky[2]!)
  }
  drawSand(frame)
}

function drawDune(
  frame: Frame,
  crest: (x: number) => number,
  base: number,
  near: number,
  haze: readonly [number, number, number],
): void {
  const { ctx, w, h, p } = frame
  const [lit, shade] = blend(sands, p) as [readonly [number, number, number], readonly [number, number, number]]
  const veil = (1 - near) * 0.72
  below(frame, crest, 5)
  const light = ctx.createLinearGradient(0, base - h * 0.16, 0, base + h * 0.3)
  light.addColorStop(0, css(mix(lit, haze, veil)))
  light.addColorStop(1, css(mix(shade, haze, veil)))
  ctx.fillStyle = light
  ctx.fill()

  // The lee side: where the ridge falls away from the sun, shade hangs under the crest.
  ctx.fillStyle = css(mix(shade, haze, veil), 0.55)
  ctx.beginPath()
  for (let x = 0; x <= w; x += 5) {
    const fall = Math.max(0, crest(x + 14) - crest(x)) * lerp(9, 16, near)
    ctx.moveTo(x, crest(x))
    ctx.lineTo(x + 5.5, crest(x + 5.5))
    ctx.lineTo(x + 5.5, crest(x + 5.5) + fall)
    ctx.lineTo(x, crest(x) + fall)
  }
  ctx.fill()
}

function drawSand({ ctx, w, h, t }: Frame): void {
  const random = seeded(21)
  ctx.fillStyle = '#fff3da'
  for (let i = 0; i < 110; i++) {
    const near = random()
    const speed = lerp(0.02, 0.11, near)
    const x = ((random() + t * speed) % 1.1) * w
    const y = lerp(h * 0.5, h, random()) + Math.sin(t * 0.9 + i) * h * 0.012
    ctx.globalAlpha = 0.16 + 0.24 * random()
    ctx.fillRect(x, y, lerp(2, 9, near), 1)
  }
  ctx.globalAlpha = 1
}
