// BEP 44: values that are to be stored, read and checked as far as that needs no signature.

import type { BencodeLimits } from '../bencode/limits.js'
import { scanBencode } from '../bencode/scan.js'
import type { BencodeValue } from '../bencode/value.js'
import { KrpcErrorCode, type StoredValue } from './messages.js'

/** Bytes of a bencoded value. */
const MAX_VALUE_BYTES = 1_000
/** Bytes of a salt. */
const MAX_SALT_BYTES = 64

/** The value was within the limits of its datagram. */
const VALUE_LIMITS: BencodeLimits = { bytes: MAX_VALUE_BYTES, depth: 32, values: MAX_VALUE_BYTES }

const KEY_LENGTH = 32
const SIGNATURE_LENGTH = 64
const NO_SALT = new Uint8Array(0)

/** Why a value cannot be stored: a code of BEP 5 or 44, with a text for people. */
export interface ItemFault {
  readonly code: number
  readonly fault: string
}

/**
 * The value of a `put`, as a copy: mutable where there is a key `k`. A value whose bencoding is not canonical is refused, since no two
 * nodes would agree on its hash.
 */
export function decodeStoredValue(values: BencodeValue): StoredValue | ItemFault {
  const value = values.get('v')
  if (value === undefined) return protocolFault('v')
  if (value.raw.length > MAX_VALUE_BYTES)
    return { code: KrpcErrorCode.valueTooLarge, fault: 'v is too large' }
  if (!isCanonical(value)) return protocolFault('v')
  if (values.get('k') === undefined) return { type: 'immutable', value: value.raw.slice() }
  const publicKey = values.get('k')?.string
  if (publicKey?.length !== KEY_LENGTH) return protocolFault('k')
  const signature = values.get('sig')?.string
  if (signature?.length !== SIGNATURE_LENGTH) return protocolFault('sig')
  const sequence = values.get('seq')?.integer
  if (sequence === undefined || sequence < 0) return protocolFault('seq')
  const salt = values.get('salt')?.string ?? NO_SALT
  if (salt.length > MAX_SALT_BYTES) return { code: KrpcErrorCode.saltTooLarge, fault: 'salt is too large' }
  return {
    type: 'mutable',
    value: value.raw.slice(),
    publicKey: publicKey.slice(),
    signature: signature.slice(),
    sequence,
    salt: salt.slice(),
  }
}

/** The bencoded value of an answer; undefined where there is none, or one that is too large to be stored. */
export function decodeValue(values: BencodeValue): Uint8Array | undefined {
  const raw = values.get('v')?.raw
  return raw === undefined || raw.length > MAX_VALUE_BYTES ? undefined : raw
}

/** The oddities that a document notes may be elsewhere in it, so the value is scanned again by itself. */
function isCanonical(value: BencodeValue): boolean {
  return value.oddities.length === 0 || scanBencode(value.raw, VALUE_LIMITS).oddities.length === 0
}

function protocolFault(key: string): ItemFault {
  return { code: KrpcErrorCode.protocol, fault: `invalid ${key}` }
}
