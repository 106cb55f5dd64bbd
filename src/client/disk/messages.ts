import type { PieceDigests } from '../../protocol/metainfo/piece-hashes.js'
import type { DiskErrorCode } from './disk-error.js'
import type { StorageOptions } from './layout.js'
import type { PackedLayout } from './packed-layout.js'

/** The first message to a worker: what it works with. */
export interface WorkerStart {
  readonly receiveBuffer: SharedArrayBuffer
  readonly readBuffer: SharedArrayBuffer
  /** Files that the worker may have open at a time. */
  readonly descriptors: number
  /** The memory of its `WorkMark`. */
  readonly mark: SharedArrayBuffer
}

/** Blocks of a piece that lie in shared memory and are to be hashed and written. */
export interface WriteRequest {
  readonly type: 'write'
  readonly storage: number
  /** Numbers the attempts to receive a piece, so that nothing of a failed one reaches the next. */
  readonly attempt: number
  readonly piece: number
  /** In order of the chunks. */
  readonly parts: readonly WritePart[]
  /** Bytes of memory that the parts take. */
  readonly size: number
}

/** The received blocks of one chunk. */
export interface WritePart {
  readonly chunk: number
  /** The chunk's offset in the memory for receiving. */
  readonly at: number
  /** The blocks of the chunk that have arrived, as bits; at least one. */
  readonly blocks: number
}

export interface ReadRequest {
  readonly type: 'read'
  readonly storage: number
  readonly segment: number
  readonly piece: number
  readonly offset: number
  /** Bytes. */
  readonly size: number
  /** The offset of the first block's message in the memory for reading. Workers do not write headers. */
  readonly at: number
}

/** A request without an answer of its own. */
export type WorkerNotice =
  | {
      readonly type: 'open'
      readonly storage: number
      readonly layout: PackedLayout
      readonly options: StorageOptions
      /** As `FileLedger.memory`. */
      readonly ledger: SharedArrayBuffer
      /** The path of the parts file, and `PartExtents.packed`. */
      readonly parts: { readonly path: string; readonly extents: Float64Array } | undefined
    }
  | WriteRequest
  | ReadRequest
  | { readonly type: 'forget'; readonly storage: number; readonly attempt: number }
  | { readonly type: 'stop-hash'; readonly storage: number; readonly hash: number }

/** A request that is answered once, under its `call` number. */
export type WorkerTask =
  | {
      readonly type: 'check'
      readonly storage: number
      readonly first: number
      readonly count: number
      /** True to compute the flat SHA-256 of the files that lie completely within these pieces. */
      readonly checksums: boolean
    }
  /** Of a piece of which a bad copy came. */
  | { readonly type: 'digest-blocks'; readonly storage: number; readonly piece: number }
  | {
      /** The next run of a file's flat SHA-256; the worker keeps the state under the number `hash`. */
      readonly type: 'hash-run'
      readonly storage: number
      readonly hash: number
      readonly entryIndex: number
      readonly from: number
      readonly length: number
      readonly isLast: boolean
    }
  | { readonly type: 'hash-files'; readonly storage: number; readonly entryIndices: readonly number[] }
  /** `drain` is done when all that came before it is. */
  /** Of `count` entries from `first` on. */
  | { readonly type: 'stat'; readonly storage: number; readonly first: number; readonly count: number }
  /** Finds obstacles to writing these entries: `count` of them from `first` on. */
  | {
      readonly type: 'find-obstacles'
      readonly storage: number
      readonly first: number
      readonly count: number
    }
  /** Takes files as they are now, since their bytes are about to be hashed. */
  | { readonly type: 'rebase'; readonly storage: number; readonly entryIndices: readonly number[] }
  /** Cuts files that are longer than they should be. */
  | { readonly type: 'truncate'; readonly storage: number; readonly entryIndices: readonly number[] }
  /** Copies bytes from the parts file into the files that they belong to; `extents` is as `PartExtents.packed`. */
  | { readonly type: 'take-parts'; readonly storage: number; readonly extents: Float64Array }
  | {
      readonly type: 'prepare' | 'finish'
      readonly storage: number
      /** The entries that are selected, as `Bitfield.bytes`; undefined: all of them. */
      readonly selected: Uint8Array | undefined
    }
  | { readonly type: 'drain' | 'close'; readonly storage: number }

type WorkerCall = WorkerTask & { readonly call: number }
export type WorkerRequest = WorkerNotice | WorkerCall

/** Tells a worker to close its files and to end. */
export const EXIT = 'exit'

/** One message to a worker: what it was given to do. */
export type WorkerBatch = readonly WorkerRequest[] | typeof EXIT

export interface ErrorFacts {
  readonly code: DiskErrorCode
  readonly message: string
  readonly path: string
}

/** The state of one piece after a check. */
export const PIECE_STATES = ['missing', 'zeros', 'data'] as const
export type PieceState = (typeof PIECE_STATES)[number]

export interface CheckedPiece extends PieceDigests {
  /**
   * `missing` where a file is not there or too short (there are no digests then), `zeros` where there is nothing
   * but zeros, as in the holes of a file that was begun.
   */
  readonly state: PieceState
}

/** The digests of a run of pieces, one after the other; empty where the version has none. */
export interface CheckedRun {
  readonly type: 'checked'
  readonly sha1s: Uint8Array
  readonly roots: Uint8Array
  /** Indices into `PIECE_STATES`. */
  readonly states: Uint8Array
  readonly checksums: readonly FileSha256[]
}

/** The flat SHA-256 of a file. */
export interface FileSha256 {
  readonly entryIndex: number
  readonly sha256: Uint8Array
}

/** The stamps of a run of entries. */
export interface StampRun {
  readonly type: 'stamps'
  /** As in `FileStamps`. */
  readonly packed: BigInt64Array
}

/** Something other than a file or folder of the content, at a path that an entry needs. */
export interface Obstacle {
  readonly entryIndex: number
  /** Absolute: of the entry, or of a folder on the way to it. */
  readonly path: string
}

/**
 * The bytes that the digests of a received piece were computed from: the blocks `as-received`, or also bytes read back from files
 * that another program changed meanwhile (`changed-files`). In the second case a wrong digest is not a peer's fault.
 */
export type HashedBytes = 'as-received' | 'changed-files'

export type TaskResult =
  | CheckedRun
  /** 32 bytes a block; undefined where the files are too short. */
  | { readonly type: 'block-digests'; readonly digests: Uint8Array | undefined }
  /** `sum` is absent until the last run. */
  | { readonly type: 'hashed-run'; readonly sum: Uint8Array | undefined }
  | { readonly type: 'hashed-files'; readonly sums: readonly Uint8Array[] }
  | StampRun
  | { readonly type: 'obstacles'; readonly found: readonly Obstacle[] }
  | { readonly type: 'done' }

export type WorkerAnswer =
  /** `parts`: the offsets of the chunks that are written and whose memory is free. */
  | {
      readonly type: 'written'
      readonly storage: number
      readonly parts: readonly number[]
      readonly size: number
    }
  | {
      readonly type: 'hashed'
      readonly storage: number
      readonly attempt: number
      readonly piece: number
      readonly digests: PieceDigests
      readonly origin: HashedBytes
    }
  /** Files that were written to could not be closed: what they hold may be lost. */
  | { readonly type: 'close-failed'; readonly storage: number; readonly error: ErrorFacts }
  | {
      readonly type: 'write-failed'
      readonly storage: number
      readonly attempt: number
      readonly piece: number
      readonly error: ErrorFacts
    }
  | {
      readonly type: 'read'
      readonly storage: number
      readonly segment: number
      readonly size: number
      readonly error: ErrorFacts | undefined
    }
  | { readonly type: 'result'; readonly call: number; readonly result: TaskResult }
  | { readonly type: 'call-failed'; readonly call: number; readonly error: ErrorFacts }
