// BEP 52: hash request, hashes, hash reject.

/** A run of hashes of one layer of a file's merkle tree, with the uncles that prove it. */
export interface HashRequest {
  /** Root of the file's tree, 32 bytes. */
  readonly piecesRoot: Uint8Array
  /** Layers above the leaves (the 16 KiB blocks are layer 0). */
  readonly baseLayer: number
  /** First hash, counted in the base layer; a multiple of `length`. */
  readonly index: number
  /** A power of two, at least 2. */
  readonly length: number
  /** Layers above the base layer whose uncles are wanted too. */
  readonly proofLayers: number
}

export const HASH_REQUEST_LENGTH = 48

/** Reads the 48 bytes that all three messages begin with; the root is copied. */
export function readHashRequest(payload: Uint8Array): HashRequest {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  return {
    piecesRoot: payload.slice(0, 32),
    baseLayer: view.getUint32(32),
    index: view.getUint32(36),
    length: view.getUint32(40),
    proofLayers: view.getUint32(44),
  }
}

export function writeHashRequest(target: Uint8Array, at: number, request: HashRequest): void {
  const view = new DataView(target.buffer, target.byteOffset + at, HASH_REQUEST_LENGTH)
  target.set(request.piecesRoot, at)
  view.setUint32(32, request.baseLayer)
  view.setUint32(36, request.index)
  view.setUint32(40, request.length)
  view.setUint32(44, request.proofLayers)
}

/** Whether two messages speak of the same hashes. */
export function isSameHashRequest(a: HashRequest, b: HashRequest): boolean {
  return (
    a.baseLayer === b.baseLayer &&
    a.index === b.index &&
    a.length === b.length &&
    a.proofLayers === b.proofLayers &&
    a.piecesRoot.every((byte, i) => byte === b.piecesRoot[i])
  )
}
