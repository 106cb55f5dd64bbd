// BEP 11: peer exchange, the message `ut_pex`.

import { concatBytes } from '../../base/bytes.js'
import { BencodeError } from '../bencode/bencode-error.js'
import { encodeBencode } from '../bencode/encode.js'
import { MESSAGE_LIMITS } from '../bencode/limits.js'
import { scanBencode } from '../bencode/scan.js'
import type { BencodeValue } from '../bencode/value.js'
import { COMPACT_LENGTH, decodeCompact, encodeCompact, type PeerAddress } from '../peer-address.js'

/** Flags of an exchanged peer, as bits. */
export const ExchangeFlag = {
  prefersEncryption: 0x01,
  /** It wants nothing more: a seed, or a partial seed (BEP 21). */
  isUploadOnly: 0x02,
  supportsUtp: 0x04,
  /** BEP 55 */
  supportsHolePunch: 0x08,
  /** The sender of the message connected to it, not the other way round. */
  isReachable: 0x10,
} as const

export interface ExchangedPeer {
  readonly address: PeerAddress
  /** A sum of `ExchangeFlag`. */
  readonly flags: number
}

/** The peers that the sender has connected to, and disconnected from, since its last message. */
export interface PeerExchange {
  readonly added: readonly ExchangedPeer[]
  readonly dropped: readonly PeerAddress[]
}

/** Of both families together, but for the first message of a connection. */
export const MAX_EXCHANGED = 50

const FAMILIES = [
  { size: COMPACT_LENGTH.ipv4, added: 'added', flags: 'added.f', dropped: 'dropped' },
  { size: COMPACT_LENGTH.ipv6, added: 'added6', flags: 'added6.f', dropped: 'dropped6' },
] as const

/** Addresses that are none are left out. */
export function encodePeerExchange({ added, dropped }: PeerExchange): Uint8Array {
  const message = new Map<string, Uint8Array>()
  const encoded = added.map(({ address, flags }) => ({ compact: encodeCompact(address), flags }))
  const gone = dropped.map(encodeCompact)
  for (const family of FAMILIES) {
    const isOfFamily = (compact: Uint8Array | undefined) => compact?.length === family.size
    const own = encoded.filter(({ compact }) => isOfFamily(compact))
    // Each key, although empty: libtorrent takes no addresses without their flags.
    message.set(family.added, joined(own.map(({ compact }) => compact)))
    message.set(
      family.flags,
      Uint8Array.from(own, ({ flags }) => flags),
    )
    message.set(family.dropped, joined(gone.filter(isOfFamily)))
  }
  return encodeBencode(message)
}

/**
 * Reads up to `limit` added and as many dropped addresses, without those that cannot be connected to, by the rule that
 * `BencodeValue` states. If flags are missing, or are not one for each address, none is set.
 * @returns undefined for a malformed message: one that is not a dictionary
 */
export function decodePeerExchange(payload: Uint8Array, limit: number): PeerExchange | undefined {
  const root = rootOf(payload)
  if (root?.type !== 'dictionary') return undefined
  const added: ExchangedPeer[] = []
  const dropped: PeerAddress[] = []
  for (const family of FAMILIES) {
    const newcomers = stringAt(root, family.added)
    const flags = stringAt(root, family.flags)
    const hasFlags = flags.length === Math.floor(newcomers.length / family.size)
    for (const [index, address] of addressesOf(newcomers, family.size)) {
      if (added.length >= limit) break
      added.push({ address, flags: hasFlags ? (flags[index] ?? 0) : 0 })
    }
    for (const [, address] of addressesOf(stringAt(root, family.dropped), family.size)) {
      if (dropped.length >= limit) break
      dropped.push(address)
    }
  }
  return { added, dropped }
}

function rootOf(payload: Uint8Array): BencodeValue | undefined {
  try {
    return scanBencode(payload, MESSAGE_LIMITS)
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error
    return undefined
  }
}

function stringAt(root: BencodeValue, key: string): Uint8Array {
  return root.get(key)?.string ?? new Uint8Array(0)
}

/** Those in whole entries; what is left behind the last is ignored. */
function* addressesOf(bytes: Uint8Array, size: number): Iterable<[index: number, address: PeerAddress]> {
  for (let index = 0; (index + 1) * size <= bytes.length; index++) {
    const address = decodeCompact(bytes.subarray(index * size, (index + 1) * size))
    if (address !== undefined) yield [index, address]
  }
}

function joined(parts: readonly (Uint8Array | undefined)[]): Uint8Array {
  return concatBytes(parts.filter(part => part !== undefined))
}
