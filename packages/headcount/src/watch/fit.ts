/** Characters of two columns in a terminal: those of East Asia, except half-width ones, and emoji. */
const wide = /(?![\uff61-\uffdc])[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\uff01-\uff60]|\p{Emoji_Presentation}/u
/** Characters of none: marks, joiners and variation selectors. */
const narrow = /[\p{M}\p{Cf}]/u

const widthOfCharacter = (character: string): number => (wide.test(character) ? 2 : narrow.test(character) ? 0 : 1)

/** The number of columns that a printable text takes in a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += widthOfCharacter(character)
  return width
}

/** The text in at most that many columns, the last one `…` if it was cut. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let [start, width] = ['', 0]
  for (const character of text) {
    width += widthOfCharacter(character)
    if (width >= columns) break
    start += character
  }
  return columns > 0 ? `${start}…` : ''
}

/** The text in exactly that many columns: cut, or padded with spaces. */
export function fit(text: string, columns: number): string {
  const shown = cut(text, columns)
  return shown + ' '.repeat(columns - widthOf(shown))
}
