// BEP 3, 7, 23, 24, 31: reading what a tracker answers to an announce.

import { MESSAGE_LIMITS } from '../bencode/limits.js'
import { scanBencode } from '../bencode/scan.js'
import type { BencodeValue } from '../bencode/value.js'
import {
  type AddressFamily,
  COMPACT_LENGTH,
  canonicalHost,
  decodeCompactList,
  hostFromBytes,
  isPort,
  type PeerAddress,
} from '../peer-address.js'
import { noticeText, TrackerMessageError } from './message-error.js'

/** Minutes after which to ask again, or never (BEP 31). */
export type RetryIn = number | 'never'

/** A tracker that refuses. */
export interface TrackerFailure {
  readonly type: 'failure'
  /** One line, made safe to show. */
  readonly reason: string
  readonly retryIn: RetryIn | undefined
}

export interface AnnounceSuccess {
  readonly type: 'success'
  /** Seconds until the next regular announce; undefined where the tracker gave none or nonsense. */
  readonly interval: number | undefined
  /** Seconds before which no announce is welcome. */
  readonly minInterval: number | undefined
  /** Seeders and leechers of the swarm, as far as the tracker tells. */
  readonly complete: number | undefined
  readonly incomplete: number | undefined
  readonly trackerId: Uint8Array | undefined
  /** One line, made safe to show. */
  readonly warning: string | undefined
  /** The address that the tracker saw the announce come from (BEP 24). */
  readonly externalHost: string | undefined
  /** At most `MAX_PEERS`; those that nobody can connect to are left out. */
  readonly peers: readonly PeerAddress[]
}

export type AnnounceResponse = AnnounceSuccess | TrackerFailure

/** The most peers that are taken from one answer: several times what anybody asks for. */
export const MAX_PEERS = 1000

const MAX_TRACKER_ID = 512

/**
 * Reads the answer to an announce. Peers are taken packed (BEP 23, 7) or as dictionaries; a single dictionary that
 * makes no sense is passed over, and so is one with a name instead of an address.
 * @throws {TrackerMessageError}
 */
export function decodeAnnounceResponse(bytes: Uint8Array): AnnounceResponse {
  const root = scanAnswer(bytes)
  const failure = failureOf(root)
  if (failure !== undefined) return failure
  const trackerId = root.get('tracker id')?.string
  const warning = root.get('warning message')?.string
  const externalIp = root.get('external ip')?.string
  return {
    type: 'success',
    interval: positive(root.get('interval')),
    minInterval: positive(root.get('min interval')),
    complete: counted(root.get('complete')),
    incomplete: counted(root.get('incomplete')),
    trackerId: trackerId === undefined || trackerId.length > MAX_TRACKER_ID ? undefined : trackerId.slice(),
    warning: warning === undefined ? undefined : noticeText(warning),
    externalHost: externalIp === undefined ? undefined : hostFromBytes(externalIp),
    peers: peersOf(root),
  }
}

/**
 * The dictionary that any answer of a tracker is.
 * @throws {TrackerMessageError}
 */
export function scanAnswer(bytes: Uint8Array): BencodeValue {
  let root: BencodeValue
  try {
    root = scanBencode(bytes, MESSAGE_LIMITS)
  } catch (cause) {
    throw new TrackerMessageError('not-bencoded', 'not a bencoded answer', { key: '' }, { cause })
  }
  if (root.type !== 'dictionary') {
    throw new TrackerMessageError('not-bencoded', `a bencoded ${root.type} instead of a dictionary`, {
      key: '',
    })
  }
  return root
}

/** The refusal that an answer is, if it is one. */
export function failureOf(root: BencodeValue): TrackerFailure | undefined {
  const reason = root.get('failure reason')?.string
  if (reason === undefined) return undefined
  return { type: 'failure', reason: noticeText(reason), retryIn: retryInOf(root.get('retry in')) }
}

/** A count of peers: a whole number that is not negative; anything else is as good as none. */
export function counted(value: BencodeValue | undefined): number | undefined {
  const count = value?.integer
  return count !== undefined && count >= 0 ? count : undefined
}

function positive(value: BencodeValue | undefined): number | undefined {
  const seconds = value?.integer
  return seconds !== undefined && seconds > 0 ? seconds : undefined
}

/** Trackers write the minutes of BEP 31 as an integer or, as in its example, as a string. */
function retryInOf(value: BencodeValue | undefined): RetryIn | undefined {
  const text = value?.text
  if (text === 'never') return 'never'
  const minutes = text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : value?.integer
  return minutes !== undefined && minutes > 0 ? minutes : undefined
}

function peersOf(root: BencodeValue): PeerAddress[] {
  const peers = root.get('peers')
  const listed = peers?.items === undefined ? packed(peers, 'peers', 'ipv4') : fromDictionaries(peers.items)
  const room = MAX_PEERS - listed.length
  return listed.concat(packed(root.get('peers6'), 'peers6', 'ipv6').slice(0, room))
}

function packed(value: BencodeValue | undefined, key: string, family: AddressFamily): PeerAddress[] {
  if (value === undefined) return []
  const bytes = value.string
  if (bytes === undefined) {
    throw new TrackerMessageError('malformed', `${key} is a bencoded ${value.type}`, { key })
  }
  const addresses = decodeCompactList(bytes, family, MAX_PEERS)
  if (addresses === undefined) {
    const size = COMPACT_LENGTH[family]
    throw new TrackerMessageError(
      'malformed',
      `${key} has ${bytes.length} bytes, not a multiple of ${size}`,
      {
        key,
      },
    )
  }
  return addresses
}

function fromDictionaries(items: readonly BencodeValue[]): PeerAddress[] {
  const addresses: PeerAddress[] = []
  for (const item of items) {
    if (addresses.length === MAX_PEERS) break
    const host = canonicalHost(item.get('ip')?.text ?? '')
    const port = item.get('port')?.integer ?? 0
    if (host !== undefined && isPort(port)) addresses.push({ host, port })
  }
  return addresses
}
