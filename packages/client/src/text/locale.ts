/**
 * The locale of a BCP 47 tag, also of one as other systems write it: `pt_BR` and `pt_BR.UTF-8` are `pt-BR`. English if
 * it is not a tag of a language.
 */
export function localeOf(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag.replace(/_/g, '-').replace(/[.@].*/, ''))[0] ?? 'en'
  } catch {
    return 'en'
  }
}
