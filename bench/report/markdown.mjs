import { Summary } from './summary.mjs'
import { barsTable, tablesOf } from './tables.mjs'

/**
 * The part of docs/BENCHMARKS.md that is made of figures.
 *
 * @param {import('../run.mjs').Results} results
 * @param {readonly { file: string, title: string }[]} plots Beside the document.
 */
export function markdown(results, plots) {
  const summary = new Summary(results.measured)
  const bars = barsTable(summary)
  return [
    about(results),
    ...(bars === undefined ? [] : [section('What was to be reached', bars)]),
    ...plots.map(({ file, title }) => `![${title}](${file})`),
    ...tablesOf(summary).map((table) => section(table.title[0]?.toUpperCase() + table.title.slice(1), table)),
    ...(results.failed.length === 0 ? [] : [`Not measured:\n\n${results.failed.map((one) => `- ${one}`).join('\n')}`]),
  ].join('\n\n')
}

/** @param {import('../run.mjs').Results} results */
function about({ machine, date, minutes, nodeFlags, measured }) {
  const { cpu, cores, memory, kernel, node, pinned, floor, versions } = machine
  const repeats = Math.max(0, ...measured.map(({ repeat }) => repeat))
  const flags = nodeFlags.length === 0 ? '' : ` with ${nodeFlags.join(' ')}`
  return [
    `Measured on ${date}, ${repeats} repeats, ${Math.ceil(minutes)} minutes in all: ${cpu}, ${cores} cores, ${memory}, ${kernel}, Node ${node}${flags},`,
    `Headcount ${versions.headcount}, socket.io ${versions['socket.io']}, ws ${versions.ws}, Redis ${versions.redis}.`,
    pinned
      ? 'Servers were held on one core and the load on another.'
      : 'Servers and load shared the cores: this machine cannot hold them apart.',
    floor === 'C'
      ? 'The floor of the fan-out was compiled from C.'
      : 'This machine has no C compiler: the floor of the fan-out is a bare Node stream, which costs more than one in C.',
  ].join('\n')
}

/**
 * @param {string} title
 * @param {import('./tables.mjs').Table} table
 */
function section(title, { note, head, rows }) {
  /** @param {readonly string[]} cells */
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [
    `### ${title}`,
    '',
    `${note[0]?.toUpperCase()}${note.slice(1)}${note.endsWith('.') ? '' : '.'}`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
  ].join('\n')
}
