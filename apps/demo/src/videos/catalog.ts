import { aurora } from '../scenes/aurora.js'
import { birds } from '../scenes/birds.js'
import type { Scene } from '../scenes/brush.js'
import { dunes } from '../scenes/dunes.js'
import { rain } from '../scenes/rain.js'
import { sea } from '../scenes/sea.js'
import { snow } from '../scenes/snow.js'

export interface Video {
  readonly id: string
  readonly title: string
  readonly channel: string
  readonly about: readonly string[]
  /** Length in seconds. */
  readonly length: number
  readonly scene: Scene
}

/** The video that the bare address shows. */
export const firstVideo = '42'

export const catalog: readonly Video[] = [
  {
    id: '42',
    title: 'The last ferry never came, so we watched the sea',
    channel: 'Harbour Light',
    about: [
      'One take from the end of the pier: the sun goes down, a sail crosses the bay, the moon comes up. There is no sound, because there was no wind.',
    ],
    length: 252,
    scene: sea,
  },
  {
    id: '7',
    title: 'Starlings over the reed beds, one turn after another',
    channel: 'Marsh Diary',
    about: ['Six hundred birds, no leader. Filmed from the east hide on the last warm evening of October.'],
    length: 184,
    scene: birds,
  },
  {
    id: '19',
    title: 'Aurora, and the lake that kept a copy',
    channel: 'North of Sixty',
    about: ['Two curtains of light, minus nineteen degrees, and a lake too still to freeze.'],
    length: 311,
    scene: aurora,
  },
  {
    id: '88',
    title: 'Rain on a window above Line 5',
    channel: 'City at Rest',
    about: ['A quarter past eleven at night, from the fourth floor. The lamps are real; so is the leak.'],
    length: 268,
    scene: rain,
  },
  {
    id: '3',
    title: 'What the wind does to a dune by evening',
    channel: 'Dry Season',
    about: ['From noon to dusk in three minutes. The ridges do move, if you wait.'],
    length: 197,
    scene: dunes,
  },
  {
    id: '64',
    title: 'Snowed in, until somebody lit the lamp',
    channel: 'Hut 64',
    about: ['The weather closed the pass at four. Somebody was home.'],
    length: 226,
    scene: snow,
  },
]

/** The video of an id. An id that the catalogue does not know is a take that nobody has named yet: it can be watched all the same. */
export function videoOf(id: string): Video {
  const known = catalog.find((video) => video.id === id)
  if (known) return known
  const sum = Array.from(id).reduce((total, letter) => total + letter.codePointAt(0)!, 0)
  return {
    id,
    title: `Untitled take ${id}`,
    channel: 'Unsorted reels',
    about: ['Found on a shelf, not yet named. Whoever watches it is counted like everybody else.'],
    length: 120 + (sum % 120),
    scene: catalog[sum % catalog.length]!.scene,
  }
}

/** The topic on which the people who watch a video are counted. */
export function topicOf(id: string): string {
  return `video:${id}`
}

/** `252` is `4:12`. */
export function clockTime(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
