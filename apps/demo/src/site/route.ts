import { firstVideo } from '../videos/catalog.js'

export type Route = { readonly page: 'video'; readonly id: string } | { readonly page: 'missing' }

/** Letters, digits and a few marks, short enough to name a topic. */
const videoId = /^[\p{L}\p{N}._~-]{1,64}$/u

/** `/?v=42` and `/video/42` are the same video, `/` is the first one, and anything else is a page that does not exist. */
export function routeOf(path: string, search: string): Route {
  const inPath = /^\/video\/([^/]+)\/?$/.exec(path)?.[1]
  if (inPath !== undefined) return videoRoute(decoded(inPath))
  if (path !== '/' && path !== '/index.html') return { page: 'missing' }
  return videoRoute(new URLSearchParams(search).get('v') || firstVideo)
}

export function videoHref(id: string): string {
  return id === firstVideo ? '/' : `/?v=${encodeURIComponent(id)}`
}

function videoRoute(id: string): Route {
  return videoId.test(id) ? { page: 'video', id } : { page: 'missing' }
}

/** A path with a broken escape names nothing; it must not throw. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
