import { english, type Forms, type Labels, localeOf } from '@headcount/client/text'

const categories = ['zero', 'one', 'two', 'few', 'many', 'other']

/**
 * The words of an element, which are its attributes `label-users`, `label-empty` and so on; the default is English. The
 * label of a group has a form for each plural category of the language, in the order above: `# user | # users`. The
 * last one is used for missing ones.
 */
export function labelsOf(host: Element, language: string): Labels {
  const { pluralCategories } = new Intl.PluralRules(localeOf(language)).resolvedOptions()
  const used = categories.filter((category) => pluralCategories.includes(category as Intl.LDMLPluralRule))
  const given = (name: string): string | null => host.getAttribute(`label-${name}`)
  const lookUp = <T extends object>(words: T, of: (name: string) => unknown): T =>
    new Proxy(words, { get: (_, name) => of(name as string) ?? words[name as keyof T] })

  const groups = lookUp(english.groups, (group) => {
    const forms = given(group)?.split('|')
    return forms && lookUp({} as Forms, (category) => (forms[used.indexOf(category)] ?? forms.at(-1)!).trim())
  })
  return lookUp(english, (name) => (name === 'groups' ? groups : given(name)))
}
