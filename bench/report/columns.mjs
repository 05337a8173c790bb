/**
 * What the table of a scenario shows: titles, and the figures below them with what they are multiplied by.
 *
 * @type {Record<string, readonly { readonly title: string, readonly name: string, readonly times?: number }[]>}
 */
export const columns = {
  storm: [
    { title: 'server CPU, s', name: 'cpu' },
    { title: 'frames', name: 'frames' },
    { title: 'MB', name: 'bytes', times: 1e-6 },
    { title: 'visible, p50 ms', name: 'p50' },
    { title: 'p95 ms', name: 'p95' },
    { title: 'wrong', name: 'wrong' },
    { title: 'lost', name: 'lost' },
    { title: 'RSS, MB', name: 'rss', times: 1e-6 },
    { title: 'heap, MB', name: 'heap', times: 1e-6 },
    { title: 'load’s core', name: 'loadShare' },
  ],
  churn: [
    { title: 'server CPU, s', name: 'cpu' },
    { title: 'changes', name: 'changes' },
    { title: 'frames', name: 'frames' },
    { title: 'MB', name: 'bytes', times: 1e-6 },
    { title: 'steady: changes', name: 'steadyChanges' },
    { title: 'frames', name: 'steadyFrames' },
    { title: 'wrong', name: 'wrong' },
    { title: 'lost', name: 'lost' },
    { title: 'load’s core', name: 'loadShare' },
  ],
  spread: [
    { title: 'server CPU, s', name: 'cpu' },
    { title: 'frames', name: 'frames' },
    { title: 'MB', name: 'bytes', times: 1e-6 },
    { title: 'wrong', name: 'wrong' },
    { title: 'lost', name: 'lost' },
    { title: 'RSS, MB', name: 'rss', times: 1e-6 },
    { title: 'heap, MB', name: 'heap', times: 1e-6 },
  ],
  idle: [
    { title: 'RSS a socket, bytes', name: 'rssEach' },
    { title: 'heap a socket, bytes', name: 'heapEach' },
    { title: 'RSS in all, MB', name: 'rss', times: 1e-6 },
    { title: 'wrong', name: 'wrong' },
    { title: 'lost', name: 'lost' },
  ],
  fanout: [
    { title: 'CPU a frame, µs', name: 'cpuEach' },
    { title: 'frames', name: 'frames' },
    { title: 'bytes a frame', name: 'bytesEach' },
    { title: 'rounds', name: 'rounds' },
  ],
  handshake: [
    { title: 'joins a second of CPU', name: 'joinsEach' },
    { title: 'joins a second as it was', name: 'joinsWall' },
    { title: 'server CPU, s', name: 'cpu' },
    { title: 'wrong', name: 'wrong' },
    { title: 'lost', name: 'lost' },
  ],
  workers: [
    { title: 'joins: busiest process, s', name: 'joinBusiest' },
    { title: 'all processes, s', name: 'joinCpu' },
    { title: 'fan-out: busiest, s', name: 'fanBusiest' },
    { title: 'all, s', name: 'fanCpu' },
    { title: 'frames', name: 'frames' },
    { title: 'wrong', name: 'wrong' },
    { title: 'lost', name: 'lost' },
  ],
  cluster: [
    { title: 'commands sent a change', name: 'sentEach' },
    { title: 'with those of scripts', name: 'allEach' },
    { title: 'bytes a change', name: 'bytesEach' },
    { title: 'Redis CPU a change, µs', name: 'redisCpuEach' },
    { title: 'changes', name: 'changes' },
    { title: 'wrong', name: 'wrong' },
    { title: 'lost', name: 'lost' },
  ],
}
