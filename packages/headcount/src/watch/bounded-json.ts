/** Yields the text of a response as it arrives. */
export async function* textOf({ body }: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  for await (const bytes of body ?? []) yield decoder.decode(bytes as Uint8Array, { stream: true })
}

/** Reads JSON up to a maximum length. @throws if it is longer, or invalid. */
export async function boundedJson(response: Response, maxLength: number): Promise<unknown> {
  let text = ''
  for await (const chunk of textOf(response)) {
    text += chunk
    if (text.length > maxLength) throw new Error(`an answer of more than ${maxLength} characters`)
  }
  return JSON.parse(text)
}
