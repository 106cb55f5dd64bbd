// BEP 52: hash request, hashes, hash reject.

import type { HashRun } from '../hash-proof.js'

/** The beginning of all three messages: a run of hashes, and the file it belongs to. */
export interface HashMessage extends HashRun {
  /** Root of the file's tree, 32 bytes. */
  readonly piecesRoot: Uint8Array
}

export const HASH_MESSAGE_LENGTH = 48

/** Reads the 48 bytes that all three messages begin with; the root is copied. */
export function readHashMessage(payload: Uint8Array): HashMessage {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  return {
    piecesRoot: payload.slice(0, 32),
    baseLayer: view.getUint32(32),
    index: view.getUint32(36),
    length: view.getUint32(40),
    proofLayers: view.getUint32(44),
  }
}

export function writeHashMessage(target: Uint8Array, at: number, request: HashMessage): void {
  const view = new DataView(target.buffer, target.byteOffset + at, HASH_MESSAGE_LENGTH)
  target.set(request.piecesRoot, at)
  view.setUint32(32, request.baseLayer)
  view.setUint32(36, request.index)
  view.setUint32(40, request.length)
  view.setUint32(44, request.proofLayers)
}

/** True if two messages are about the same run of the same layer. */
export function isSameRun(a: HashRun, b: HashRun): boolean {
  return (
    a.baseLayer === b.baseLayer &&
    a.index === b.index &&
    a.length === b.length &&
    a.proofLayers === b.proofLayers
  )
}
