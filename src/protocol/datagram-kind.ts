// BEP 5, 15, 29: the protocols that share a UDP port, told apart by the first bytes of a datagram.

/** `dht`: a KRPC message (BEP 5); `tracker`: an answer of a UDP tracker (BEP 15); `utp`: a packet of uTP (BEP 29). */
export type DatagramKind = 'dht' | 'tracker' | 'utp'

const LETTER_D = 0x64
const LETTER_E = 0x65

/** `de`, an empty dictionary. */
const SHORTEST_KRPC = 2
/** An action and a transaction id. */
const SHORTEST_TRACKER_ANSWER = 8
const LAST_TRACKER_ACTION = 3
const UTP_HEADER_LENGTH = 20
const UTP_VERSION = 1
const LAST_UTP_TYPE = 4

/**
 * The protocol that a datagram belongs to, by its first bytes and its length; undefined where it is none of them. No
 * datagram can be of two: the first byte is `d` in the DHT, 0 from a tracker, and has the version 1 in its lower half in uTP.
 * The sender may be anybody: what the rest holds is for the protocol to check.
 */
export function datagramKind(datagram: Uint8Array): DatagramKind | undefined {
  const first = datagram[0]
  if (first === undefined) return undefined
  if (first === LETTER_D) {
    const isWhole = datagram.length >= SHORTEST_KRPC && datagram[datagram.length - 1] === LETTER_E
    return isWhole ? 'dht' : undefined
  }
  if (first === 0) return isTrackerAnswer(datagram) ? 'tracker' : undefined
  return isUtp(first, datagram.length) ? 'utp' : undefined
}

function isTrackerAnswer(datagram: Uint8Array): boolean {
  const [, second, third, action = LAST_TRACKER_ACTION + 1] = datagram
  const isAction = second === 0 && third === 0 && action <= LAST_TRACKER_ACTION
  return isAction && datagram.length >= SHORTEST_TRACKER_ANSWER
}

/** The type is in the upper half of the first byte, the version in the lower one. */
function isUtp(first: number, length: number): boolean {
  return (first & 0x0f) === UTP_VERSION && first >> 4 <= LAST_UTP_TYPE && length >= UTP_HEADER_LENGTH
}
