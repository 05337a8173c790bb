/**
 * The topics that a query names, with repetitions: `topic=a&topic=b`, `topic[]=a&topic[]=b` or `topic=a,b`. A
 * percent-encoded comma, as from `URLSearchParams` and `encodeURIComponent`, is part of a name.
 * @param url percent-encoded UTF-8.
 */
export function topicsOfQuery(url: string): string[] {
  const start = url.indexOf('?')
  if (start < 0) return []
  return url
    .slice(start + 1)
    .split('#', 1)
    .flatMap((query) => query.split('&'))
    .flatMap((part) => {
      const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part) ?? []
      return ['topic', 'topic[]'].includes(decode(name)) ? value.split(',').map(decode) : []
    })
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
