import { below, blend, css, type Frame, glow, hills, lerp, mix, palette, type Scene, seeded, wash } from './brush.js'

const skies = [
  palette('#2f6f95', '#8fb9c0', '#f3d9a4', '#f6b873'),
  palette('#28457a', '#8d6f9d', '#ee9a78', '#fbc06f'),
  palette('#131d42', '#3c3a6e', '#a4586f', '#e58a5c'),
  palette('#070d22', '#101b3c', '#24345a', '#4a4f70'),
]
const waters = [
  palette('#d9b183', '#4c8593', '#123f55'),
  palette('#d9916f', '#545a86', '#152a4c'),
  palette('#9c5e64', '#2b3360', '#0b1431'),
  palette('#39456a', '#15203f', '#050a1b'),
]

/** The sun goes down over a slow sea, and the stars come out. */
export const sea: Scene = (frame) => {
  const { ctx, w, h, p } = frame
  const horizon = h * 0.56
  const sun = { x: w * 0.62, y: lerp(h * 0.3, h * 0.66, p), r: h * 0.052 }
  const sky = blend(skies, p)

  wash(frame, 0, horizon + 1, sky)
  drawStars(frame, horizon)
  glow(frame, sun.x, sun.y, h * 0.85, mix(sky[3]!, [255, 244, 214], 0.45 * (1 - p)), 0.8 * (1 - p * 0.7))
  ctx.fillStyle = css(blend([palette('#fff6df'), palette('#ffd28a'), palette('#ff9a5f')], p)[0]!)
  ctx.beginPath()
  ctx.arc(sun.x, sun.y, sun.r, 0, Math.PI * 2)
  ctx.fill()

  drawMoon(frame, horizon, sun.x)

  wash(frame, horizon, h, blend(waters, p))
  drawHeadland(frame, horizon)
  drawSwell(frame, horizon)
  drawGlitter(frame, horizon, sun.x)
  drawBoat(frame, horizon)
}

function drawStars({ ctx, w, t, p }: Frame, horizon: number): void {
  const night = Math.max(0, (p - 0.5) * 2)
  if (night === 0) return
  const random = seeded(11)
  ctx.fillStyle = '#fff'
  for (let i = 0; i < 90; i++) {
    const [x, y, size] = [random(), random(), random()]
    ctx.globalAlpha = night * (0.35 + 0.35 * Math.sin(t * (0.6 + size) + x * 40)) * (1 - y * 0.7)
    ctx.fillRect(x * w, y * horizon, 0.6 + size * 1.2, 0.6 + size * 1.2)
  }
  ctx.globalAlpha = 1
}

/** Where the sun went down the moon comes up, so the path of light on the water stays. */
function drawMoon(frame: Frame, horizon: number, x: number): void {
  const { ctx, h, p } = frame
  const risen = (p - 0.68) / 0.32
  if (risen <= 0) return
  const y = lerp(horizon + h * 0.05, h * 0.27, risen)
  glow(frame, x, y, h * 0.6, [150, 170, 225], 0.42 * risen)
  ctx.fillStyle = css([236, 238, 246], Math.min(1, risen * 2))
  ctx.beginPath()
  ctx.arc(x, y, h * 0.036, 0, Math.PI * 2)
  ctx.fill()
}

function drawHeadland(frame: Frame, horizon: number): void {
  const { ctx, w, h, p } = frame
  ctx.save()
  ctx.beginPath()
  ctx.rect(0, 0, w, horizon + 1)
  ctx.clip()
  for (const [reach, rise, depth] of [
    [0.46, 0.085, 0.55],
    [0.3, 0.13, 0.85],
  ] as const) {
    below(frame, (x) => {
      const along = x / (w * reach)
      const shape = along < 1 ? (1 - along) ** 0.7 * (1 + hills(x / w, reach * 9) * 0.28) : -0.02
      return horizon - shape * h * rise
    })
    ctx.fillStyle = css(
      blend([palette('#2c5468'), palette('#2d3358'), palette('#131a36'), palette('#070c1d')], p)[0]!,
      depth,
    )
    ctx.fill()
  }
  ctx.restore()
}

function drawSwell(frame: Frame, horizon: number): void {
  const { ctx, w, h, t, p } = frame
  const bands = 11
  for (let band = 1; band < bands; band++) {
    const near = band / bands
    const y = horizon + near ** 1.8 * (h - horizon)
    const rise = near ** 1.5 * h * 0.02
    const pace = t * (0.35 + near * 0.25)
    const surface = (x: number) =>
      y +
      Math.sin((x / w) * (34 - near * 24) + pace + band * 1.9) * rise +
      Math.sin((x / w) * (13 - near * 8) - pace * 0.7 + band) * rise * 0.9
    below(frame, surface)
    ctx.fillStyle = css(blend(waters, p)[2]!, 0.1 + near * 0.09)
    ctx.fill()
  }
}

function drawGlitter({ ctx, w, h, t, p }: Frame, horizon: number, x: number): void {
  const random = seeded(5)
  ctx.fillStyle = css(blend([palette('#fff3d6'), palette('#ffd7a0'), palette('#ff9e74'), palette('#8fa3cc')], p)[0]!)
  for (let i = 0; i < 150; i++) {
    const near = random() ** 1.4
    const place = (random() + random() + random()) / 1.5 - 1
    const twinkle = Math.sin(t * (0.8 + random() * 1.6) + random() * 6.3)
    const spread = lerp(h * 0.05, w * 0.2, near)
    const length = lerp(3, w * 0.03, near) * (0.4 + random())
    ctx.globalAlpha = Math.max(0, twinkle) * lerp(0.85, 0.35, near) * (1 - Math.abs(place) * 0.7) * (1 - p * 0.45)
    ctx.fillRect(x + place * spread - length / 2, horizon + 2 + near * (h - horizon) * 0.92, length, lerp(1, 2.6, near))
  }
  ctx.globalAlpha = 1
}

function drawBoat({ ctx, w, h, t, p }: Frame, horizon: number): void {
  const size = h * 0.052
  ctx.save()
  ctx.translate(lerp(w * 0.36, w * 0.5, p), horizon + h * 0.045 + Math.sin(t * 0.9) * h * 0.003)
  ctx.rotate(Math.sin(t * 0.7) * 0.03)
  ctx.fillStyle = css(blend([palette('#173442'), palette('#191d36'), palette('#090d1f'), palette('#04070f')], p)[0]!)
  ctx.beginPath()
  ctx.moveTo(-size * 0.55, 0)
  ctx.quadraticCurveTo(0, size * 0.34, size * 0.6, -size * 0.04)
  ctx.closePath()
  ctx.moveTo(size * 0.04, -size * 0.08)
  ctx.lineTo(size * 0.04, -size * 1.15)
  ctx.lineTo(size * 0.5, -size * 0.12)
  ctx.closePath()
  ctx.moveTo(-size * 0.03, -size * 0.08)
  ctx.lineTo(-size * 0.03, -size * 0.95)
  ctx.lineTo(-size * 0.42, -size * 0.12)
  ctx.closePath()
  ctx.fill()
  ctx.restore()
}
