// BEP 9: `ut_metadata`, by which peers exchange the `info` dictionary in pieces of 16 KiB.

import { concatBytes } from '../../base/bytes.js'
import { BencodeError } from '../bencode/bencode-error.js'
import { encodeBencode } from '../bencode/encode.js'
import { MESSAGE_LIMITS } from '../bencode/limits.js'
import { scanBencode } from '../bencode/scan.js'

/** Bytes of each piece but the last. */
export const METADATA_PIECE_LENGTH = 16_384

export type MetadataMessage =
  | { readonly type: 'request'; readonly piece: number }
  /** `bytes` is a view into the message. */
  | { readonly type: 'data'; readonly piece: number; readonly totalSize: number; readonly bytes: Uint8Array }
  | { readonly type: 'reject'; readonly piece: number }

const TYPES = ['request', 'data', 'reject'] as const

export function encodeMetadataMessage(message: MetadataMessage): Uint8Array {
  const { type, piece } = message
  const isData = type === 'data'
  const head = encodeBencode({
    msg_type: TYPES.indexOf(type),
    piece,
    total_size: isData ? message.totalSize : undefined,
  })
  return isData ? concatBytes([head, message.bytes]) : head
}

/**
 * Reads a message.
 * @returns `unknown`: of another type, which is to be ignored (BEP 9); undefined: not a message of this extension
 */
export function decodeMetadataMessage(payload: Uint8Array): MetadataMessage | 'unknown' | undefined {
  const root = rootOf(payload)
  const typeNumber = root?.get('msg_type')?.integer
  const piece = root?.get('piece')?.integer
  if (root === undefined || typeNumber === undefined) return undefined
  const type = TYPES[typeNumber]
  if (type === undefined) return 'unknown'
  if (piece === undefined || piece < 0) return undefined
  if (type !== 'data') return { type, piece }
  const totalSize = root.get('total_size')?.integer
  if (totalSize === undefined || totalSize < 0) return undefined
  return { type, piece, totalSize, bytes: payload.subarray(root.raw.length) }
}

function rootOf(payload: Uint8Array): ReturnType<typeof scanBencode> | undefined {
  try {
    return scanBencode(payload, MESSAGE_LIMITS)
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error
    return undefined
  }
}
