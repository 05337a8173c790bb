import { below, blend, css, type Frame, glow, hills, lerp, palette, rgb, type Scene, seeded, wash } from './brush.js'

const skies = [
  palette('#5d7ea3', '#a9bfd0', '#e3e3df'),
  palette('#2b3c66', '#6b7da3', '#c9b9bd'),
  palette('#101a38', '#27375f', '#4d5c80'),
]

/** Snow on a hut in the mountains; as it gets dark, somebody lights a lamp. */
export const snow: Scene = (frame) => {
  const { ctx, w, h, p } = frame
  const sky = blend(skies, p)
  wash(frame, 0, h, sky)
  drawPeaks(frame, sky[2]!)
  below(frame, (x) => h * 0.8 - hills((x / w) * 0.5, 1.4) * h * 0.05)
  ctx.fillStyle = css(blend([palette('#f0f3f5'), palette('#b9c3d6'), palette('#5d6c90')], p)[0]!)
  ctx.fill()
  drawPines(frame)
  drawHut(frame)
  drawFlakes(frame)
}

function drawPeaks(frame: Frame, haze: readonly [number, number, number]): void {
  const { ctx, w, h, p } = frame
  for (const [rise, seed, veil] of [
    [0.42, 3.1, 0.65],
    [0.3, 7.7, 0.4],
    [0.2, 1.2, 0.15],
  ] as const) {
    below(
      frame,
      (x) => {
        const u = x / w
        const jag = Math.abs(hills(u * 1.3, seed)) + Math.abs(Math.sin(u * 61 + seed)) * 0.05
        return h * (0.86 - rise * (0.55 + jag * 0.75))
      },
      4,
    )
    const rock = blend([palette('#56718c'), palette('#3a4a70'), palette('#1a2547')], p)[0]!
    const fade = ctx.createLinearGradient(0, h * 0.3, 0, h * 0.85)
    fade.addColorStop(0, css(rock, 1 - veil))
    fade.addColorStop(1, css(haze, 0.9))
    ctx.fillStyle = fade
    ctx.fill()
  }
}

function drawPines({ ctx, w, h, p }: Frame): void {
  const random = seeded(19)
  for (let i = 0; i < 46; i++) {
    const near = i / 46
    const x = random() * w
    // A clearing is left for the hut.
    if (Math.abs(x / w - 0.33) < 0.09) continue
    const foot = h * lerp(0.76, 0.96, near) - hills((x / w) * 0.5, 1.4) * h * 0.05
    const tall = h * lerp(0.08, 0.24, near) * lerp(0.7, 1.2, random())
    ctx.fillStyle = css(blend([palette('#27434c'), palette('#1a2c44'), palette('#0a1226')], p)[0]!, lerp(0.6, 1, near))
    for (let tier = 0; tier < 4; tier++) {
      const top = foot - tall * (1 - tier * 0.2)
      const wide = tall * (0.09 + tier * 0.05)
      ctx.beginPath()
      ctx.moveTo(x, top)
      ctx.lineTo(x + wide, top + tall * 0.34)
      ctx.lineTo(x - wide, top + tall * 0.34)
      ctx.fill()
    }
  }
}

function drawHut(frame: Frame): void {
  const { ctx, w, h, t, p } = frame
  const size = h * 0.12
  const x = w * 0.33
  const y = h * 0.815
  const lamp = Math.max(0, (p - 0.25) / 0.75)
  ctx.fillStyle = css(blend([palette('#3b3634'), palette('#251f2c'), palette('#0e0d1a')], p)[0]!)
  ctx.fillRect(x - size * 0.6, y - size * 0.55, size * 1.2, size * 0.6)
  ctx.fillStyle = css(blend([palette('#ffffff'), palette('#c8d0e0'), palette('#76839f')], p)[0]!)
  ctx.beginPath()
  ctx.moveTo(x - size * 0.8, y - size * 0.48)
  ctx.lineTo(x, y - size * 1.05)
  ctx.lineTo(x + size * 0.8, y - size * 0.48)
  ctx.fill()
  const flicker = 0.92 + 0.08 * Math.sin(t * 2.3)
  ctx.fillStyle = css(rgb('#ffc46b'), 0.15 + 0.85 * lamp * flicker)
  ctx.fillRect(x - size * 0.16, y - size * 0.38, size * 0.32, size * 0.26)
  if (lamp > 0) glow(frame, x, y - size * 0.25, size * 2.2, rgb('#ffb454'), 0.5 * lamp * flicker)
}

function drawFlakes({ ctx, w, h, t }: Frame): void {
  const random = seeded(63)
  ctx.fillStyle = '#fff'
  for (let i = 0; i < 170; i++) {
    const near = random()
    const fall = (random() + t * lerp(0.02, 0.075, near)) % 1.05
    const x = (((random() + Math.sin(t * 0.35 + i) * 0.015 + t * 0.006) % 1) + 1) % 1
    ctx.globalAlpha = lerp(0.25, 0.85, near)
    ctx.beginPath()
    ctx.arc(x * w, fall * h, lerp(0.6, 2.4, near) * (h / 450), 0, Math.PI * 2)
    ctx.fill()
  }
  ctx.globalAlpha = 1
}
