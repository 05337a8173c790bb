import { frame, opcode } from './frame.js'

/**
 * Frames texts. The frame of the last single text is cached, because a broadcast sends the same text to many sockets in
 * a row: they share one Buffer.
 */
export class TextFramer {
  #text = ''
  #frame = frame(opcode.text, '')

  /** The frames of all texts, back to back. The caller must not change them. */
  frame(texts: readonly string[]): Buffer {
    if (texts.length !== 1) return Buffer.concat(texts.map((text) => frame(opcode.text, text)))
    const text = texts[0]!
    if (text !== this.#text) {
      this.#frame = frame(opcode.text, text)
      this.#text = text
    }
    return this.#frame
  }
}
