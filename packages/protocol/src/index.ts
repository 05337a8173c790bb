export {
  applyDiff,
  type Count,
  type Counts,
  type DefaultGroup,
  type Diff,
  defaultGroups,
  type Group,
  isZero,
  sameTotals,
  sumOf,
  type Totals,
  toCounts,
  zeroTotals,
} from './counts.js'
export {
  encodeChannelError,
  encodeClose,
  encodeCounts,
  encodeDiff,
  encodeError,
  encodeOk,
  encodeState,
} from './encode.js'
export { ProtocolError, type ProtocolErrorCode } from './error.js'
export { decode, type Message, parseVsn, type Ref, type Vsn } from './message.js'
export { isLongPollPath, isSocketPath, originForm, socketPath } from './socket-path.js'
