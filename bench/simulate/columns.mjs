/** @typedef {Int32Array | Uint16Array | Uint8Array | Float64Array} Column */

/** @param {Column} column @param {number} i */
export function of(column, i) {
  return column[i] ?? 0
}

/** Adds to a number of a column, and answers with what it is then. @param {Column} column @param {number} i @param {number} by */
export function add(column, i, by) {
  const sum = (column[i] ?? 0) + by
  column[i] = sum
  return sum
}
