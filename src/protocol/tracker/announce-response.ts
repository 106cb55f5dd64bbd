// BEP 3, 7, 23, 24, 31: reading what a tracker answers to an announce.

import { MESSAGE_LIMITS } from '../bencode/limits.js'
import { scanBencode } from '../bencode/scan.js'
import type { BencodeValue } from '../bencode/value.js'
import {
  type AddressFamily,
  canonicalHost,
  decodeCompactList,
  hostFromBytes,
  isHostName,
  isPort,
  listeningAddress,
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
  /** At most `MAX_PEERS`; those that take no connections are left out. */
  readonly peers: readonly PeerAddress[]
  /** Peers that are listed with a name in place of an address, as BEP 3 allows; at most `MAX_NAMED_PEERS`. */
  readonly namedPeers: readonly NamedPeer[]
}

/** Where a peer listens, once its name is looked up. */
export interface NamedPeer {
  /** A name that DNS may know. */
  readonly name: string
  readonly port: number
}

export type AnnounceResponse = AnnounceSuccess | TrackerFailure

/** The most peers that are taken from one answer: several times what anybody asks for. */
export const MAX_PEERS = 1000

/** The most names that are taken from one answer: each costs a look-up. */
export const MAX_NAMED_PEERS = 8

const MAX_TRACKER_ID = 512
const MAX_ADDRESS_TEXT = 64

/**
 * Reads the answer to an announce by the rule that `BencodeValue` states: only an answer that is no dictionary is an error.
 * Peers are taken packed (BEP 23, 7) or as dictionaries. A `failure reason` counts whatever stands beside it, as in
 * libtorrent and Transmission, unless it is empty and there are peers.
 * @throws {TrackerMessageError}
 */
export function decodeAnnounceResponse(bytes: Uint8Array): AnnounceResponse {
  const root = scanAnswer(bytes)
  const failure = failureOf(root)
  const hasPeers = root.get('peers') !== undefined || root.get('peers6') !== undefined
  if (failure !== undefined && !(failure.reason === '' && hasPeers)) return failure
  const trackerId = root.get('tracker id')?.string
  const warning = root.get('warning message')?.string
  return {
    type: 'success',
    interval: positive(root.get('interval')),
    minInterval: positive(root.get('min interval')),
    complete: counted(root.get('complete')),
    incomplete: counted(root.get('incomplete')),
    trackerId: trackerId === undefined || trackerId.length > MAX_TRACKER_ID ? undefined : trackerId.slice(),
    warning: (warning && noticeText(warning)) || undefined,
    externalHost: externalHostOf(root.get('external ip')),
    ...peersOf(root),
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

/** BEP 24 has 4 or 16 bytes; some trackers write the address as text. */
function externalHostOf(value: BencodeValue | undefined): string | undefined {
  const bytes = value?.string
  if (bytes === undefined || bytes.length > MAX_ADDRESS_TEXT) return undefined
  return hostFromBytes(bytes) ?? canonicalHost(value?.text ?? '')
}

function peersOf(root: BencodeValue): Pick<AnnounceSuccess, 'peers' | 'namedPeers'> {
  const listed = root.get('peers')
  const { peers, namedPeers } = fromDictionaries(listed?.items ?? [])
  for (const address of [...packed(listed, 'ipv4'), ...packed(root.get('peers6'), 'ipv6')]) {
    if (peers.length === MAX_PEERS) break
    peers.push(address)
  }
  return { peers, namedPeers }
}

function packed(value: BencodeValue | undefined, family: AddressFamily): PeerAddress[] {
  const bytes = value?.string
  return bytes === undefined ? [] : decodeCompactList(bytes, family, MAX_PEERS)
}

/** An item that makes no sense is passed over. */
function fromDictionaries(items: readonly BencodeValue[]): { peers: PeerAddress[]; namedPeers: NamedPeer[] } {
  const peers: PeerAddress[] = []
  const namedPeers = new Map<string, NamedPeer>()
  for (const item of items) {
    if (peers.length === MAX_PEERS) break
    const host = item.get('ip')?.text ?? ''
    const port = item.get('port')?.integer ?? 0
    const address = listeningAddress(host, port)
    if (address !== undefined) peers.push(address)
    else if (namedPeers.size < MAX_NAMED_PEERS && isPort(port) && isHostName(host)) {
      namedPeers.set(`${host}:${port}`, { name: host, port })
    }
  }
  return { peers, namedPeers: [...namedPeers.values()] }
}
