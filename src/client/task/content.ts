import path from 'node:path'
import { Bitfield } from '../../base/bitfield.js'
import { Selection } from '../../engine/pick/selection.js'
import type { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'
import type { PathClaim } from '../claims/path-claims.js'
import type { StorageOptions } from '../disk/layout.js'
import { changedNamesInWords } from '../disk/names/changed-names.js'
import type { Storage } from '../disk/storage.js'
import { partsPath } from '../resume/resume-file.js'
import { ResumeKeeper } from '../resume/resume-keeper.js'
import { ContentCare } from './content-care.js'
import { prepareContent } from './prepare-content.js'
import type { PieceBytes, SessionTally } from './session-tally.js'
import { takePlace } from './take-place.js'
import type { AddOptions, TaskHost } from './task-host.js'
import type { TaskListener } from './task-listener.js'
import type { TorrentEvent, Verified } from './torrent-events.js'

const NO_ENTRIES: ReadonlySet<number> = new Set()

type Completion = Extract<TorrentEvent, { type: 'complete' }>

export interface ContentParts {
  readonly host: TaskHost
  readonly metainfo: Metainfo
  readonly options: AddOptions
  /** Stops the work on it at any time. */
  readonly life: { readonly signal: AbortSignal }
  readonly listener: TaskListener
}

/**
 * The content of a torrent on this machine: its files, the hashes they are compared with, and what is remembered of them.
 * Exists as soon as the metainfo is known.
 */
export class Content {
  readonly metainfo: Metainfo
  /** The files that are wanted. */
  readonly selection: Selection
  readonly storage: Storage
  readonly hashes: PieceHashes
  readonly resume: ResumeKeeper
  readonly #parts: ContentParts
  /** Made when it is needed: most torrents that are seeded never need it. */
  #care: ContentCare | undefined
  /** As `ContentCare.partlyHashed`, of the one before. */
  #partlyHashed: ReadonlySet<number> = NO_ENTRIES
  /** From `check` on. */
  #claim: PathClaim | undefined

  constructor(parts: ContentParts) {
    const { host, metainfo, options, listener } = parts
    this.#parts = parts
    this.metainfo = metainfo
    this.selection = options.selection?.(metainfo) ?? Selection.all(metainfo)
    this.storage = host.pool.openStorage(metainfo, storageOptions(options))
    this.resume = new ResumeKeeper(this, host, listener)
    this.hashes = new PieceHashes(metainfo, metainfo.pieceLayers, this.storage.map)
  }

  get care(): ContentCare {
    const { options, life, listener } = this.#parts
    this.#care ??= new ContentCare(this, {
      options,
      signal: life.signal,
      listener,
      partlyHashed: this.#partlyHashed,
    })
    return this.#care
  }

  /** `care`, if it was needed yet. */
  get awakeCare(): ContentCare | undefined {
    return this.#care
  }

  /** The work on it was stopped: what cared for it ends, and is made anew when it is needed. */
  async endCare(): Promise<void> {
    await this.#care?.idle()
    this.#partlyHashed = this.#care?.partlyHashed ?? this.#partlyHashed
    this.#care = undefined
  }

  /** The facts that are reported once it is complete. */
  get completion(): Pick<Completion, 'path' | 'sha256' | 'checksums' | 'verified'> {
    const { checksums } = this.care
    const sha256 = this.metainfo.isFolder ? undefined : checksums[0]?.sha256
    return { path: this.storage.contentPath, sha256, checksums, verified: this.verified }
  }

  /** From when it is known that the content is right. */
  get verified(): Verified {
    const { trustData } = this.#parts.options
    if (this.resume.believedPieces === 0 || trustData === 'hashed') return { type: 'now' }
    return trustData === 'unread' ? { type: 'never' } : { type: 'earlier', atMs: this.resume.verifiedAtMs }
  }

  /**
   * Takes the paths on the disk, and finds out which pieces are there; called again, it does so anew. Rejects with the signal's reason
   * once stopped.
   * @param how `recheck`: hash everything, and ignore the saved state
   * @throws {import('../disk/disk-error.js').DiskError}
   * @throws {import('../data-error.js').DataError} as `prepareContent`
   * @throws {import('../claims/path-claims.js').ClaimError}
   */
  async check(tally: SessionTally, how: 'resume' | 'recheck'): Promise<WantedPieces> {
    const { metainfo, selection, storage, hashes, resume } = this
    const { options, life } = this.#parts
    const { mode, trustData } = options
    const { signal } = life
    if (this.#claim === undefined) {
      await resume.load()
      await this.#takePlace()
      const { parts } = resume
      if (!parts.isEmpty) await storage.parts.use({ path: this.#partsPath(), extents: parts })
    }
    signal.throwIfAborted()
    tally.checking()
    const wanted = await prepareContent({
      storage,
      metainfo,
      selection,
      map: storage.map,
      hashes,
      earlier: resume.earlier,
      how: how === 'resume' && trustData !== undefined ? 'trust' : how,
      mode,
      partsPath: () => this.#partsPath(),
      truncate: options.truncate ?? false,
      signal,
      onChecked: piece => {
        tally.pieceChecked()
        resume.pieceChecked(piece)
      },
      onMoved: piece => resume.pieceChecked(piece),
      onBelieved: pieces => resume.believed(pieces),
    })
    const { have } = wanted
    resume.begin(have)
    // Blocks that came of other pieces are not counted on any more.
    for (let piece = 0; piece < have.length; piece++) if (!have.has(piece)) storage.discard(piece)
    tally.gained(this.bytesOf(have))
    return wanted
  }

  /** The number of bytes in these pieces. */
  bytesOf(pieces: Bitfield | readonly number[]): PieceBytes {
    const { metainfo, selection, storage } = this
    if (pieces instanceof Bitfield && pieces.isFull) return { all: metainfo.size, selected: selection.size }
    let all = 0
    let selected = 0
    for (const piece of pieces) {
      all += storage.map.dataSize(piece)
      selected += selection.bytesIn(storage.map, piece)
    }
    return { all, selected }
  }

  /** Absolute path of the file in which a piece begins. */
  pathOfPiece(piece: number): string {
    const { map } = this.storage
    const [slice] = map.slices(piece, 0, map.pieceLength)
    return this.storage.pathOf(slice?.entryIndex ?? 0)
  }

  /** Closes the files, and lets other torrents have their paths. */
  async close(): Promise<void> {
    try {
      await this.storage.close()
    } finally {
      this.#claim?.release()
    }
  }

  #partsPath(): string {
    return partsPath(this.metainfo, this.storage.dir)
  }

  /** Before anything is read or written: the names on the disk, and no other torrent of the session has one of the paths. */
  async #takePlace(): Promise<void> {
    const { host, options, listener } = this.#parts
    const told = this.resume.changedNames
    const place = await takePlace(this.metainfo, storageOptions(options), told, host.claims)
    this.#claim = place.claim
    this.storage.useNames(place.layout)
    this.resume.changedNames = place.changed
    const message = changedNamesInWords(place.changed, told)
    if (message !== undefined) listener.onWarning('name-changed', message)
  }
}

function storageOptions({ dir, mode }: AddOptions): StorageOptions {
  return { dir: path.resolve(dir), mode: mode === 'get' ? 'write' : 'read' }
}
