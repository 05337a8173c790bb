import { request } from 'node:http'
import { listen, type Served } from './serve.js'

/** Serves the routes for operators without a key. Returns a function that requests one with a given `Host`. */
export async function operatorPort({ headcount }: Served) {
  const url = await listen(headcount.operator.handle)
  return (path: string, host = new URL(url).host, headers: Record<string, string> = {}): Promise<Response> =>
    new Promise((resolve, reject) => {
      const sent = request(url + path, { headers: { ...headers, host }, agent: false }, async (answer) => {
        let body = ''
        for await (const bytes of answer) body += bytes
        resolve(new Response(body, { status: answer.statusCode!, headers: answer.headers as Record<string, string> }))
      })
      sent.on('error', reject).end()
    })
}
