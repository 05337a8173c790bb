/** @param {import('../run.mjs').Results} results */
export function publish(results) {
  console.log(results.date)
}
