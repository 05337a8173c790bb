const names = ['topic', 'topic[]']

/**
 * The topics that a query names, with repetitions: `topic=a&topic=b`, `topic[]=a&topic[]=b` or `topic=a,b`. A
 * percent-encoded comma, as from `URLSearchParams` and `encodeURIComponent`, is part of a name.
 * @param url percent-encoded UTF-8.
 */
export function topicsOfQuery(url: string): string[] {
  const start = url.indexOf('?')
  if (start < 0) return []
  const topics: string[] = []
  const [query = ''] = url.slice(start + 1).split('#', 1)
  // A query may have 15,000 parameters, or names: no pattern is matched for each.
  for (const parameter of query.split('&')) {
    const end = parameter.indexOf('=')
    if (!names.includes(decode(end < 0 ? parameter : parameter.slice(0, end)))) continue
    for (const topic of end < 0 ? [''] : parameter.slice(end + 1).split(',')) topics.push(decode(topic))
  }
  return topics
}

function decode(text: string): string {
  const isEncoded = text.includes('%') || text.includes('+')
  return isEncoded ? decodeURIComponent(text.replaceAll('+', ' ')) : text
}
