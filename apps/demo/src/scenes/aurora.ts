import { below, css, type Frame, hills, lerp, mix, palette, type Rgb, type Scene, seeded, wash } from './brush.js'

const night = palette('#040a1a', '#0a1b2f', '#123444')
const [green, violet, rose] = palette('#5dffb0', '#7b6bff', '#ff7ac6') as [Rgb, Rgb, Rgb]

/** Curtains of light over a lake, and their reflection. */
export const aurora: Scene = (frame) => {
  const { ctx, w, h, t } = frame
  const shore = h * 0.72
  wash(frame, 0, shore, night)

  const random = seeded(3)
  ctx.fillStyle = '#fff'
  for (let i = 0; i < 130; i++) {
    const x = random() * w
    const y = random() * shore
    const size = 0.5 + random()
    ctx.globalAlpha = 0.25 + 0.4 * random() + 0.15 * Math.sin(t * (1 + random()) + i)
    ctx.fillRect(x, y, size, size)
  }
  ctx.globalAlpha = 1

  drawCurtains(frame, shore, 1, 90)
  drawForest(frame, shore)

  wash(frame, shore, h, palette('#0b2430', '#050e19'))
  ctx.save()
  ctx.beginPath()
  ctx.rect(0, shore, w, h - shore)
  ctx.clip()
  // The lake shows the sky upside down, flattened and fainter.
  ctx.translate(0, shore * 1.4)
  ctx.scale(1, -0.4)
  drawCurtains(frame, shore, 0.5, 45)
  ctx.restore()
  drawRipples(frame, shore)
}

/** Both curtains, each made of strips of light. */
function drawCurtains(frame: Frame, shore: number, strength: number, strips: number): void {
  frame.ctx.globalCompositeOperation = 'lighter'
  drawCurtain(frame, shore, { seed: 0.2, strength: 0.9 * strength, hang: 0.34, strips })
  drawCurtain(frame, shore, { seed: 2.4, strength: 0.6 * strength, hang: 0.42, strips })
  frame.ctx.globalCompositeOperation = 'source-over'
}

/** A curtain that hangs down to `hang`, in heights of the picture. */
type Curtain = Readonly<Record<'seed' | 'strength' | 'hang' | 'strips', number>>

function drawCurtain({ ctx, w, h, t, p }: Frame, shore: number, { seed, strength, hang, strips }: Curtain): void {
  const step = Math.ceil(w / strips)
  for (let x = 0; x < w; x += step) {
    const u = x / w
    const fold = Math.sin(u * 5 + t * 0.11 + seed) + Math.sin(u * 11 - t * 0.17 + seed * 3) * 0.5
    const ray = 0.5 + 0.5 * Math.sin(u * 60 + fold * 6 + t * 0.5) * Math.sin(u * 23 - t * 0.31 + seed)
    const foot = h * (hang + fold * 0.07) + shore * 0.12
    const top = foot - h * (0.24 + 0.2 * ray)
    const power = strength * (0.25 + 0.75 * ray) * (0.55 + 0.45 * Math.sin(u * 3.4 + t * 0.07 + seed + p * 3))
    const light = ctx.createLinearGradient(0, top, 0, foot)
    const high = mix(violet, rose, 0.5 + 0.5 * Math.sin(u * 4 + seed + p * 5))
    light.addColorStop(0, css(high, 0))
    light.addColorStop(0.45, css(mix(high, green, 0.35), power * 0.22))
    light.addColorStop(0.88, css(green, power * 0.5))
    light.addColorStop(1, css(green, 0))
    ctx.fillStyle = light
    ctx.fillRect(x, top, step, foot - top)
  }
}

function drawForest(frame: Frame, shore: number): void {
  const { ctx, w, h } = frame
  below(frame, (x) => shore - h * (0.07 + hills(x / w, 4) * 0.045))
  ctx.fillStyle = '#071722'
  ctx.fill()
  const random = seeded(8)
  ctx.fillStyle = '#030b12'
  for (let i = 0; i < 90; i++) {
    const x = random() * w
    const tall = h * lerp(0.05, 0.13, random() ** 2) * (0.7 + 0.5 * Math.abs(x / w - 0.45))
    ctx.beginPath()
    ctx.moveTo(x - tall * 0.2, shore + 1)
    ctx.lineTo(x, shore - tall)
    ctx.lineTo(x + tall * 0.2, shore + 1)
    ctx.fill()
  }
}

function drawRipples({ ctx, w, h, t }: Frame, shore: number): void {
  const random = seeded(27)
  ctx.fillStyle = '#050e19'
  for (let i = 0; i < 70; i++) {
    const near = random()
    const long = w * lerp(0.05, 0.3, random())
    const x = random() * (w + long) - long + Math.sin(t * 0.5 + i) * 6
    ctx.globalAlpha = lerp(0.3, 0.55, random())
    ctx.fillRect(x, shore + near ** 1.3 * (h - shore), long, lerp(0.8, 2.6, near))
  }
  ctx.globalAlpha = 1
}
