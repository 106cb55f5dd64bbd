// BEP 3, 5, 12, 19, 27, 47, 52: what a .torrent says, as values.

/** `hybrid` can be read by clients of both versions and lives in both swarms (BEP 52). */
export type TorrentVersion = 'v1' | 'v2' | 'hybrid'

/** Blocks are what peers ask each other for, and the leaves of BEP 52's trees: 16 KiB. */
export const BLOCK_LENGTH = 16_384

interface EntryBase {
  /**
   * The entry's path as the torrent names it, without the folder that `Metainfo.name` stands for: one component for a
   * torrent of a single file. No component is empty, `.` or `..`, longer than `MAX_NAME_BYTES`, or has a slash or NUL in it;
   * else it may hold anything, so it is escaped before it is shown, and a file system may hold it under another name.
   */
  readonly path: readonly string[]
  /** Bytes; 0 for a symlink. */
  readonly length: number
  /** The entry's first byte in the space of all pieces. */
  readonly offset: number
}

export interface FileEntry extends EntryBase {
  readonly type: 'file'
  readonly isExecutable: boolean
  /** SHA-256 over the whole file as `sha256sum` prints it (32 bytes), where the publisher stored it. */
  readonly sha256: Uint8Array | undefined
  /** Root of the file's merkle tree (32 bytes): v2 and hybrid only, absent for an empty file. */
  readonly piecesRoot: Uint8Array | undefined
}

/** Zeros that align what follows (BEP 47); never written to disk. */
interface PadEntry extends EntryBase {
  readonly type: 'pad'
}

export interface SymlinkEntry extends EntryBase {
  readonly type: 'symlink'
  /** The target as components below the content's folder: always inside it. */
  readonly target: readonly string[]
}

export type ContentEntry = FileEntry | PadEntry | SymlinkEntry

/** Entries that may be an array, and need not: each may be made when it is asked for. */
export interface EntryList extends Iterable<ContentEntry> {
  readonly length: number
  at(index: number): ContentEntry | undefined
}

/** A name of more bytes of UTF-8 than this is cut: it is longer than any file system holds, many times over. */
export const MAX_NAME_BYTES = 16_384

/** A `Metainfo` has at most this much of a text, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 4_096

/** The texts that were cut, each whole, as UTF-8. */
export type LongTexts = Partial<Record<'name' | 'source' | 'comment' | 'createdBy', Uint8Array>>

/** The `info` dictionary: what the info hashes stand for. */
export interface Info {
  readonly version: TorrentVersion
  /** SHA-1 of `infoBytes` (20 bytes), for v1 and hybrid. */
  readonly infoHashV1: Uint8Array | undefined
  /** SHA-256 of `infoBytes` (32 bytes), for v2 and hybrid. */
  readonly infoHashV2: Uint8Array | undefined
  /** The dictionary exactly as it came; never encoded anew. */
  readonly infoBytes: Uint8Array
  /** Name of the file or of the content's folder, with what holds for a component of `EntryBase.path`. */
  readonly name: string
  /** True where the content is a folder called `name`; false where it is one file of that name. */
  readonly isFolder: boolean
  readonly pieceLength: number
  readonly pieceCount: number
  /** In the order of the space of pieces: files, pads and symlinks. */
  readonly entries: EntryList
  /** Bytes of all files, without pads. */
  readonly size: number
  /** SHA-1 of each piece, 20 bytes each: v1 and hybrid. */
  readonly pieces: Uint8Array | undefined
  readonly isPrivate: boolean
  /** At most `MAX_TEXT_BYTES` of it. */
  readonly source: string | undefined
  readonly longTexts?: LongTexts | undefined
}

/** A node of the DHT that a torrent names (BEP 5). */
export interface NamedNode {
  /** A name, or an IP address in its canonical spelling. */
  readonly host: string
  /** Of UDP. */
  readonly port: number
}

export interface Metainfo extends Info {
  /** Addresses of trackers by tier (BEP 12); `announce` alone is one tier of one. */
  readonly trackers: readonly (readonly string[])[]
  /** Addresses of web seeds (BEP 19). */
  readonly webSeeds: readonly string[]
  /** Nodes through which the DHT can be entered (BEP 5). */
  readonly nodes: readonly NamedNode[]
  /** At most `MAX_TEXT_BYTES` of it, as of `createdBy`. */
  readonly comment: string | undefined
  readonly createdBy: string | undefined
  /** Seconds since 1970. */
  readonly creationDate: number | undefined
  /**
   * For each file longer than one piece, by the hexadecimal pieces root: the concatenated hashes of the layer whose
   * hashes cover one piece each (BEP 52), proven against the root. A file that is missing here gets its layer from peers.
   */
  readonly pieceLayers: ReadonlyMap<string, Uint8Array>
  /** Parts that were left out although people may miss them (addresses, symlinks, layers), one line each. */
  readonly warnings: readonly string[]
  /** Deviations that make no difference, one line each. */
  readonly oddities: readonly string[]
}
