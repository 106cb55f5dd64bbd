import { BLOCK_LENGTH } from '../../../protocol/metainfo/metainfo.js'
import { BLOCK_HEADER_LENGTH } from '../../../protocol/peer/messages.js'

/**
 * The size of a block in the memory for reading: its bytes, after the header that they are sent with. So a run of blocks can be
 * sent as one slice of that memory.
 */
export const MESSAGE_LENGTH = BLOCK_HEADER_LENGTH + BLOCK_LENGTH

/**
 * The parts of memory that hold the bytes of blocks, without their headers.
 * @param at where the message of the first block begins
 * @param start the first byte that is wanted, counted from the beginning of that block
 */
export function payloadParts(memory: Uint8Array, at: number, start: number, length: number): Uint8Array[] {
  const parts: Uint8Array[] = []
  const end = start + length
  for (let byte = start; byte < end; ) {
    const offset = byte % BLOCK_LENGTH
    const count = Math.min(BLOCK_LENGTH - offset, end - byte)
    const from = at + Math.floor(byte / BLOCK_LENGTH) * MESSAGE_LENGTH + BLOCK_HEADER_LENGTH + offset
    parts.push(memory.subarray(from, from + count))
    byte += count
  }
  return parts
}
