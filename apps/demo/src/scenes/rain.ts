import { css, type Frame, glow, lerp, palette, type Rgb, type Scene, seeded, wash } from './brush.js'

const lamps = palette('#ffb35c', '#ff7d5a', '#ffd99a', '#6fd3ff', '#8f9bff', '#5be0c0')

/** A night street through a wet window. */
export const rain: Scene = (frame) => {
  wash(frame, 0, frame.h, palette('#0c1526', '#15233a', '#22283f', '#1a1a2b'))
  drawTowers(frame)
  drawLamps(frame)
  drawStreaks(frame)
  drawDrops(frame)
}

function drawTowers({ ctx, w, h, t }: Frame): void {
  const random = seeded(31)
  for (let x = -w * 0.02; x < w; ) {
    const wide = w * lerp(0.05, 0.12, random())
    const tall = h * lerp(0.25, 0.72, random())
    ctx.fillStyle = css([16 + random() * 10, 24 + random() * 10, 42 + random() * 14])
    ctx.fillRect(x, h * 0.86 - tall, wide, h)
    for (let y = h * 0.88 - tall; y < h * 0.8; y += h * 0.035) {
      for (let i = 0.15; i < 0.85; i += 0.17) {
        const lit = random()
        if (lit < 0.62) continue
        ctx.globalAlpha = (0.2 + 0.5 * random()) * (lit > 0.97 ? 0.6 + 0.4 * Math.sin(t + x) : 1)
        ctx.fillStyle = lit > 0.9 ? '#9fc9e8' : '#f2c27a'
        ctx.fillRect(x + wide * i, y, wide * 0.09, h * 0.014)
      }
    }
    ctx.globalAlpha = 1
    x += wide * lerp(0.9, 1.3, random())
  }
}

function drawLamps(frame: Frame): void {
  const { ctx, w, h, t } = frame
  const random = seeded(14)
  ctx.globalCompositeOperation = 'lighter'
  for (let i = 0; i < 34; i++) {
    const lane = random()
    const speed = (random() - 0.5) * 0.02
    const x = ((((random() + t * speed) % 1.2) + 1.2) % 1.2) * w - w * 0.1
    const y = h * lerp(0.62, 0.97, lane) + Math.sin(t * 0.3 + i) * 2
    const radius = h * lerp(0.025, 0.085, lane * random() + 0.15)
    const colour = lamps[Math.floor(random() * lamps.length)] as Rgb
    const alpha = lerp(0.16, 0.4, random())
    glow(frame, x, y, radius * 2.2, colour, alpha * 0.5)
    ctx.fillStyle = css(colour, alpha)
    ctx.beginPath()
    ctx.arc(x, y, radius, 0, Math.PI * 2)
    ctx.fill()
  }
  ctx.globalCompositeOperation = 'source-over'
}

function drawStreaks({ ctx, w, h, t }: Frame): void {
  const random = seeded(77)
  ctx.strokeStyle = '#cfe0f5'
  ctx.lineWidth = 1
  for (let i = 0; i < 90; i++) {
    const speed = lerp(0.9, 1.7, random())
    const fall = (random() + t * speed) % 1.15
    const x = (random() * 1.15 - fall * 0.06) * w
    const length = h * lerp(0.03, 0.09, random())
    ctx.globalAlpha = lerp(0.06, 0.26, random())
    ctx.beginPath()
    ctx.moveTo(x, fall * h)
    ctx.lineTo(x + length * 0.06, fall * h - length)
    ctx.stroke()
  }
  ctx.globalAlpha = 1
}

function drawDrops({ ctx, w, h, t }: Frame): void {
  const random = seeded(52)
  for (let i = 0; i < 60; i++) {
    const size = lerp(1.2, h * 0.011, random() ** 3)
    const slide = size > h * 0.006 ? (t * lerp(0.004, 0.02, random())) % 1.1 : 0
    const x = random() * w
    const y = ((random() + slide) % 1.05) * h
    ctx.fillStyle = 'rgb(210 228 255 / 0.2)'
    ctx.beginPath()
    ctx.ellipse(x, y, size * 0.85, size, 0, 0, Math.PI * 2)
    ctx.fill()
    ctx.fillStyle = 'rgb(255 255 255 / 0.5)'
    ctx.fillRect(x - size * 0.35, y - size * 0.5, size * 0.4, size * 0.4)
  }
}
