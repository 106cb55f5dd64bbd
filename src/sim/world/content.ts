import type { Info } from '../../protocol/metainfo/metainfo.js'
import { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'
import { PieceMap } from '../../protocol/metainfo/piece-map.js'

/** The content of a swarm, which all hosts share: a torrent of one file whose bytes are never looked at. */
export interface Content {
  readonly map: PieceMap
  readonly hashes: PieceHashes
  readonly bytes: number
}

export function makeContent(pieceCount: number, pieceLength: number): Content {
  const bytes = pieceCount * pieceLength
  const info: Info = {
    version: 'v1',
    infoHashV1: new Uint8Array(20),
    infoHashV2: undefined,
    infoBytes: new Uint8Array(),
    name: 'content',
    isFolder: false,
    pieceLength,
    pieceCount,
    entries: [
      {
        type: 'file',
        path: ['content'],
        length: bytes,
        offset: 0,
        isExecutable: false,
        sha256: undefined,
        piecesRoot: undefined,
      },
    ],
    size: bytes,
    pieces: new Uint8Array(20 * pieceCount),
    isPrivate: false,
    source: undefined,
  }
  const map = new PieceMap(info)
  return { map, hashes: new PieceHashes(info, new Map(), map), bytes }
}
