import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Counts } from '@headcount/protocol'

/** One line of a recording. `at` is in ms since its start, `conn` names the connection. */
export type Line = { readonly at: number } & (
  | { readonly kind: 'connect'; readonly conn: string; readonly url: string }
  | { readonly kind: 'upgraded'; readonly conn: string }
  | { readonly kind: 'refused'; readonly conn: string }
  | { readonly kind: 'sent'; readonly conn: string; readonly frame: unknown }
  | { readonly kind: 'sent-binary'; readonly conn: string; readonly data: Buffer }
  | { readonly kind: 'sent-close'; readonly conn: string }
  | { readonly kind: 'received'; readonly conn: string; readonly frame: unknown }
  | { readonly kind: 'received-close'; readonly conn: string; readonly code: number }
  | { readonly kind: 'closed'; readonly conn: string; readonly code: number }
  | { readonly kind: 'truth'; readonly counts: Counts }
  | { readonly kind: 'note'; readonly note: string }
)

/** The frames of one scenario, recorded from a real Phoenix server and its clients. */
export interface Recording {
  /** The file's name without its extension. */
  readonly name: string
  readonly title: string
  readonly lines: readonly Line[]
}

/** The topic patterns of the recorded server. A replay needs a server with the same ones. */
export const recordedTopics: readonly string[] = ['my_channel', 'video:*']

/** The topic of the recorded truths. */
export const countedTopic = 'my_channel'

/** The same recording with another counted topic. */
export function inTopic({ lines, ...rest }: Recording, topic: string): Recording {
  const rename = (frame: unknown) =>
    JSON.parse(JSON.stringify(frame), (_, value) => (value === countedTopic ? topic : value))
  return { ...rest, lines: lines.map((line) => ('frame' in line ? { ...line, frame: rename(line.frame) } : line)) }
}

/** The recordings of this package. `conformance/README.md` lists what must match. */
export async function recordings(): Promise<Recording[]> {
  const folder = new URL('../../conformance/', import.meta.url)
  const files = (await readdir(folder)).filter((file) => file.endsWith('.jsonl')).sort()
  return Promise.all(
    files.map(async (file) => parse(basename(file, '.jsonl'), await readFile(new URL(file, folder), 'utf8'))),
  )
}

function parse(name: string, text: string): Recording {
  const [head, ...lines] = text.trim().split('\n')
  const { title } = JSON.parse(head ?? '{}')
  return { name, title, lines: lines.map((line) => lineOf(JSON.parse(line))) }
}

// biome-ignore lint/suspicious/noExplicitAny: the recorder's own loose format, read nowhere else
function lineOf(raw: any): Line {
  const { at, conn } = raw
  if (raw.truth !== undefined) return { at, kind: 'truth', counts: raw.truth }
  if (raw.note !== undefined) return { at, kind: 'note', note: raw.note }
  if (raw.event === 'connect') return { at, kind: 'connect', conn, url: raw.url }
  if (raw.event === 'upgrade') return { at, kind: 'upgraded', conn }
  if (raw.event === 'http-response') return { at, kind: 'refused', conn }
  if (raw.event === 'close') return { at, kind: 'closed', conn, code: raw.code }
  if (raw.dir === 'server' && raw.kind === 'close-frame') return { at, kind: 'received-close', conn, code: raw.code }
  if (raw.dir === 'server' && raw.frame !== undefined) return { at, kind: 'received', conn, frame: raw.frame }
  if (raw.dir === 'client' && raw.kind === 'close') return { at, kind: 'sent-close', conn }
  if (raw.dir === 'client' && raw.kind === 'binary') {
    return { at, kind: 'sent-binary', conn, data: Buffer.from(raw.data, 'base64') }
  }
  if (raw.dir === 'client' && raw.frame !== undefined) return { at, kind: 'sent', conn, frame: raw.frame }
  throw new Error(`expected a line of a recording, got ${JSON.stringify(raw)}`)
}
