import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

/** Serves the pages and scripts of a folder. */
export function fileServer(folder: string) {
  const types = new Map([
    ['html', 'text/html'],
    ['js', 'text/javascript'],
    ['mjs', 'text/javascript'],
  ])
  return createServer(({ url = '/' }, response) => {
    const type = types.get(url.split('.').at(-1) ?? '')
    const path = join(folder, url)
    if (type === undefined || !existsSync(path)) return response.writeHead(204).end()
    return createReadStream(path).pipe(response.writeHead(200, { 'content-type': type }))
  })
}
