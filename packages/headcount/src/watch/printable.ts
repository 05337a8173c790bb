/** Characters that a terminal interprets or hides: control characters, line separators, and direction marks. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** Untrusted text of a server, with the escapes of JSON: `\u001b[2J`. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
