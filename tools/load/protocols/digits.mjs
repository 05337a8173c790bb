/**
 * The decimal number that begins at `start`; it ends before the first byte that is not a digit.
 *
 * @param {Buffer} bytes
 * @param {number} start
 * @param {number} end
 */
export function digits(bytes, start, end) {
  let number = 0
  for (let at = start; at < end; at++) {
    const digit = bytes.readUInt8(at) - 0x30
    if (digit < 0 || digit > 9) break
    number = number * 10 + digit
  }
  return number
}
