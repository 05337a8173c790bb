/** @param {import('../run.mjs').Results} results */
export function printTables(results) {
  console.log(results.date)
}
