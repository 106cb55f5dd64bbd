// BEP 3, 7, 23, 24, 31: writing what a tracker answers to an announce.

import { concatBytes } from '../../base/bytes.js'
import { encodeBencode } from '../bencode/encode.js'
import { COMPACT_LENGTH, hostFromBytes, hostToBytes } from '../peer-address.js'
import type { RetryIn } from './announce-response.js'

/** A peer as a tracker lists it. */
export interface ListedPeer {
  /** 6 or 18 bytes. */
  readonly compact: Uint8Array
  readonly peerId: Uint8Array
}

/** How the peers of an answer are written: packed, or a dictionary each (BEP 3), without peer ids if asked so. */
export type PeerFormat = 'compact' | 'dictionaries' | 'dictionaries-without-ids'

export interface AnnounceAnswer {
  readonly interval: number
  readonly minInterval: number
  readonly complete: number
  readonly incomplete: number
  readonly downloaded: number
  readonly externalHost: string
  readonly peers: readonly ListedPeer[]
  readonly format: PeerFormat
}

export function encodeAnnounceAnswer(answer: AnnounceAnswer): Uint8Array {
  const { format, peers, externalHost, ...counts } = answer
  return encodeBencode({
    complete: counts.complete,
    downloaded: counts.downloaded,
    'external ip': hostToBytes(externalHost),
    incomplete: counts.incomplete,
    interval: counts.interval,
    'min interval': counts.minInterval,
    ...(format === 'compact' ? packedPeers(peers) : { peers: peers.map(peer => dictionaryOf(peer, format)) }),
  })
}

/** A refusal in the tracker's own words, with BEP 31's time to ask again where there is one. */
export function encodeFailure(reason: string, retryIn?: RetryIn): Uint8Array {
  return encodeBencode({ 'failure reason': reason, 'retry in': retryIn })
}

/** `peers6` (BEP 7) only where there are any; `peers` always, since clients look for it. */
function packedPeers(peers: readonly ListedPeer[]): { peers: Uint8Array; peers6: Uint8Array | undefined } {
  const ipv4: Uint8Array[] = []
  const ipv6: Uint8Array[] = []
  for (const { compact } of peers) (compact.length === COMPACT_LENGTH.ipv4 ? ipv4 : ipv6).push(compact)
  return { peers: concatBytes(ipv4), peers6: ipv6.length > 0 ? concatBytes(ipv6) : undefined }
}

function dictionaryOf({ compact, peerId }: ListedPeer, format: Exclude<PeerFormat, 'compact'>) {
  const split = compact.length - 2
  return {
    ip: hostFromBytes(compact.subarray(0, split)),
    'peer id': format === 'dictionaries' ? peerId : undefined,
    port: ((compact[split] ?? 0) << 8) | (compact[split + 1] ?? 0),
  }
}
