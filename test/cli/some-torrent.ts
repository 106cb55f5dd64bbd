import type { FileEntry, Metainfo } from '../../src/protocol/metainfo/metainfo.js'

const PIECE_LENGTH = 2 ** 14

/** A torrent that was never hashed, for what only looks at its facts. */
export function someTorrent(changes: Partial<Metainfo> = {}): Metainfo {
  const size = changes.size ?? 100_000
  return {
    version: 'v1',
    infoHashV1: new Uint8Array(20).fill(0xab),
    infoHashV2: undefined,
    infoBytes: new Uint8Array(),
    name: 'ubuntu.iso',
    isFolder: false,
    pieceLength: PIECE_LENGTH,
    pieceCount: Math.ceil(size / PIECE_LENGTH),
    entries: [someFile(['ubuntu.iso'], size)],
    size,
    pieces: new Uint8Array(),
    isPrivate: false,
    source: undefined,
    trackers: [],
    webSeeds: [],
    nodes: [],
    comment: undefined,
    createdBy: undefined,
    creationDate: undefined,
    pieceLayers: new Map(),
    warnings: [],
    oddities: [],
    ...changes,
  }
}

export function someFile(path: readonly string[], length: number): FileEntry {
  return {
    type: 'file',
    path,
    length,
    offset: 0,
    isExecutable: false,
    sha256: undefined,
    piecesRoot: undefined,
  }
}
