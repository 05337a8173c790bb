// Imported into every process of a server: two signals keep its event loop busy, for three seconds or for ever.
/** @param {number} ms */
const spin = (ms) => {
  const end = performance.now() + ms
  while (performance.now() < end);
}
process.on('SIGWINCH', () => spin(3_000))
process.on('SIGUSR2', () => spin(Number.POSITIVE_INFINITY))
