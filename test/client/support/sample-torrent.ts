import { draftTorrent } from '../../../src/client/create/draft-torrent.js'
import { nodeDigests } from '../../../src/client/digests.js'
import type { Metainfo, TorrentVersion } from '../../../src/protocol/metainfo/metainfo.js'
import { parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { type ContentFile, writeRandomFile, writeTree } from '../../support/content.js'
import { TempFolder } from '../../support/temp-folder.js'

export interface SampleOptions {
  readonly version?: TorrentVersion
  readonly bytes?: number
  readonly pieceLength?: number
  readonly checksums?: boolean
  readonly isPrivate?: boolean
  readonly seed?: number
  /** A folder of these instead of one file. */
  readonly files?: readonly ContentFile[]
}

/** A torrent of one file, or of a folder, that lies in a folder of its own; what is remembered of it lies there, too. */
export class SampleTorrent implements AsyncDisposable {
  readonly metainfo: Metainfo
  readonly map: PieceMap
  readonly #folder: TempFolder

  private constructor(folder: TempFolder, metainfo: Metainfo) {
    this.#folder = folder
    this.metainfo = metainfo
    this.map = new PieceMap(metainfo)
  }

  static async make(options: SampleOptions = {}): Promise<SampleTorrent> {
    const folder = new TempFolder()
    process.env.XDG_STATE_HOME = folder.join('state')
    const { files, bytes = 2 ** 20, seed = 1 } = options
    const path = folder.join('data', files === undefined ? 'content.bin' : 'content')
    await (files === undefined ? writeRandomFile(path, bytes, seed) : writeTree(path, files, seed))
    const draft = await draftTorrent(path, {
      version: options.version ?? 'hybrid',
      pieceLength: options.pieceLength ?? 65_536,
      isPrivate: options.isPrivate ?? false,
      exclude: [],
      includeHidden: false,
      followSymlinks: false,
      checksums: options.checksums ?? true,
      trackers: [],
      webSeeds: [],
      nodes: [],
    })
    const metainfo = await draft.build({ signal: new AbortController().signal, onProgress: () => {} })
    return new SampleTorrent(folder, parseMetainfo(metainfo, nodeDigests))
  }

  /** Where the content lies. */
  get dataDir(): string {
    return this.#folder.join('data')
  }

  /** Where a copy is to come. */
  dir(name: string): string {
    return this.#folder.join(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }
}
