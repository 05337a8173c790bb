/** Texts as JSON strings. The last one is cached, because a broadcast sends the same text to many pollers in turn. */
export class QuotedText {
  #text = ''
  #quoted = '""'

  quote(text: string): string {
    if (text !== this.#text) {
      this.#quoted = JSON.stringify(text)
      this.#text = text
    }
    return this.#quoted
  }
}
