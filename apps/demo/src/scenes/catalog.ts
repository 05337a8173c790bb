import { aurora } from './aurora.js'
import type { Scene } from './brush.js'
import { sea } from './sea.js'

export interface Video {
  readonly id: string
  readonly title: string
  readonly channel: string
  readonly about: string
  /** In seconds. */
  readonly length: number
  readonly scene: Scene
  /** The part of the scene at which the video starts, 0 to 1. It ends with the scene. */
  readonly from: number
  /** Whether its counts have a shield (server/demo.mjs), so that their history cannot be read. */
  readonly hasShield?: boolean
}

/** The video that the bare address shows. */
export const firstVideo = '42'

export const catalog: readonly Video[] = [
  {
    id: firstVideo,
    title: 'The last ferry never came, so we watched the sea',
    channel: 'Harbour Light',
    about:
      'One take from the end of the pier: the sun goes down, a sail crosses the bay, the moon comes up. ' +
      'There is no sound, because there was no wind.',
    length: 252,
    scene: sea,
    from: 0,
  },
  {
    id: '19',
    title: 'Aurora, and the lake that kept a copy',
    channel: 'North of Sixty',
    about: 'Two curtains of light, minus nineteen degrees, and a lake too still to freeze.',
    length: 311,
    scene: aurora,
    from: 0,
  },
  {
    id: '7',
    title: 'Moonrise over the bay, from the same pier',
    channel: 'Harbour Light',
    about:
      'We came back for the hour after sunset. The boat had not moved much either. ' +
      'A small audience: fewer than five people are not counted in public.',
    length: 184,
    scene: sea,
    from: 0.72,
    hasShield: true,
  },
]

/** The video with an id. An id outside the catalog is an untitled video, which can be watched and is counted. */
export function videoOf(id: string): Video {
  const known = catalog.find((video) => video.id === id)
  const about = 'Found on a shelf, not yet named. It is counted like every other video.'
  return known ?? { ...catalog[1]!, id, title: `Untitled take ${id}`, channel: 'Unsorted reels', about }
}

/** The id in the query of an address: `?v=19`. A query without a valid id names the first video. */
export function videoIdOf(query: string): string {
  const id = new URLSearchParams(query).get('v') ?? ''
  return /^[\w.~-]{1,64}$/.test(id) ? id : firstVideo
}

export function videoHref(id: string): string {
  return id === firstVideo ? '/' : `/?v=${id}`
}

/** The topic on which the people who watch a video are counted. */
export function topicOf(id: string): string {
  return `video:${id}`
}

/** `252` is `4:12`. */
export function clockTime(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, '0')}`
}
