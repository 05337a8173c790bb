/** Characters that a terminal obeys or hides: control characters, separators of lines, and marks of direction. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** Text of a server, which may be any, with escapes that JSON has, too: `\u001b[2J`. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
