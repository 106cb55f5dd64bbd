// BEP 44: where an item is stored, and what is signed of it.

import { concatBytes, toUtf8 } from '../../base/bytes.js'
import type { StoredValue } from './messages.js'

/** What a mutable item is signed for. */
export interface SignedPart {
  /** Bencoded. */
  readonly value: Uint8Array
  readonly sequence: number
  /** Empty for none. */
  readonly salt: Uint8Array
}

/** The bytes of which the SHA-1 is the target that an item is stored under. */
export function hashedBytes(item: StoredValue): Uint8Array {
  return item.type === 'immutable' ? item.value : concatBytes([item.publicKey, item.salt])
}

/** The bytes that the signature of a mutable item covers. */
export function signedBytes({ value, sequence, salt }: SignedPart): Uint8Array {
  const saltPart = salt.length === 0 ? [] : [toUtf8(`4:salt${salt.length}:`), salt]
  return concatBytes([...saltPart, toUtf8(`3:seqi${sequence}e1:v`), value])
}
