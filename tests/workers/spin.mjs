// Imported into every process of a server: two signals block its event loop, for three seconds or permanently.
/** @param {number} ms */
const spin = (ms) => {
  const end = performance.now() + ms
  while (performance.now() < end);
}
process.on('SIGWINCH', () => spin(3_000))
process.on('SIGUSR2', () => spin(Number.POSITIVE_INFINITY))
