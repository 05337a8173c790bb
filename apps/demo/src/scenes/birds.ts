import { below, blend, css, type Frame, glow, hills, lerp, palette, type Scene, seeded, wash } from './brush.js'

const skies = [palette('#4f86a6', '#b9cfc4', '#f7dcae', '#f4b28a'), palette('#3f5f93', '#a58fb0', '#f2ab92', '#f6c48a')]
const flock = Array.from({ length: 620 }, (_, i) => {
  const random = seeded(i + 1)
  const angle = random() * Math.PI * 2
  const reach = Math.sqrt(random())
  return {
    x: Math.cos(angle) * reach,
    y: Math.sin(angle) * reach,
    z: random() * 2 - 1,
    phase: random() * 6.3,
  }
})

/** Starlings turn as one over the reeds. */
export const birds: Scene = (frame) => {
  const { ctx, w, h, p } = frame
  const sky = blend(skies, p)
  wash(frame, 0, h, sky)
  glow(frame, w * 0.72, h * 0.8, h * 0.9, sky[3]!, 0.8)
  for (const [rise, seed, alpha] of [
    [0.2, 2.2, 0.3],
    [0.15, 5.4, 0.55],
  ] as const) {
    below(frame, (x) => h * (1 - rise) - hills(x / w, seed) * h * 0.025)
    ctx.fillStyle = css(blend([palette('#3d5f6a'), palette('#3a3f63')], p)[0]!, alpha)
    ctx.fill()
  }
  drawFlock(frame)
  drawReeds(frame)
}

function drawFlock({ ctx, w, h, t }: Frame): void {
  const turn = t * 0.22
  const centre = {
    x: w * (0.47 + 0.17 * Math.sin(turn * 0.9)),
    y: h * (0.38 + 0.08 * Math.sin(turn * 1.3 + 1)),
  }
  const wide = w * (0.19 + 0.05 * Math.sin(turn * 1.7))
  const tall = h * (0.17 + 0.05 * Math.sin(turn * 2.1 + 2))
  const lean = 0.5 * Math.sin(turn)
  ctx.fillStyle = '#141a2b'
  for (const bird of flock) {
    const twist = lean + bird.x * Math.sin(turn * 1.2) * 1.3
    const swell = 1 + 0.35 * Math.sin(bird.x * 4 - t * 0.9) + 0.2 * Math.sin(bird.y * 5 + t * 0.7)
    const x = bird.x * Math.cos(twist) - bird.y * Math.sin(twist) * 0.8
    const y = (bird.x * Math.sin(twist) * 0.7 + bird.y * Math.cos(twist)) * swell
    const beat = Math.sin(t * 9 + bird.phase)
    const size = lerp(0.9, 2, (bird.z + 1) / 2) * (h / 430)
    ctx.globalAlpha = lerp(0.35, 0.95, (bird.z + 1) / 2)
    ctx.fillRect(
      centre.x + x * wide + bird.z * 8,
      centre.y + y * tall + Math.sin(t + bird.phase) * 3,
      size * 2.2,
      size * (0.55 + 0.5 * Math.abs(beat)),
    )
  }
  ctx.globalAlpha = 1
}

function drawReeds({ ctx, w, h, t }: Frame): void {
  const random = seeded(40)
  ctx.strokeStyle = '#161b24'
  ctx.lineCap = 'round'
  for (let i = 0; i < 130; i++) {
    const x = random() * w
    const tall = h * lerp(0.06, 0.24, random() ** 2)
    const bend = Math.sin(t * 0.8 + x * 0.01 + random() * 0.6) * tall * 0.1 + tall * 0.06
    ctx.lineWidth = lerp(0.8, 2, random())
    ctx.beginPath()
    ctx.moveTo(x, h + 2)
    ctx.quadraticCurveTo(x, h - tall * 0.6, x + bend, h - tall)
    ctx.stroke()
    if (random() > 0.6) {
      ctx.lineWidth = lerp(3, 5, random()) * (h / 480)
      ctx.beginPath()
      ctx.moveTo(x + bend * 0.72, h - tall * 0.86)
      ctx.lineTo(x + bend, h - tall)
      ctx.stroke()
    }
  }
}
