import type { ErrorFacts } from './messages.js'

/** Asks a thread for what a torrent of `path` would hold. */
export interface ScanRequest {
  readonly scan: { readonly path: string; readonly options: ScanOptions }
}

export interface ScanOptions {
  /** Take in what begins with a dot. */
  readonly includeHidden?: boolean
  /**
   * Leave out what matches: a pattern without a slash is matched against names, others against the path below
   * the folder.
   */
  readonly exclude?: readonly string[]
  /** Take what symlinks lead to, instead of keeping them as symlinks. */
  readonly followSymlinks?: boolean
}

export interface HiddenCount {
  readonly files: number
  /** Their contents are not counted. */
  readonly folders: number
}

export type ScannedItem =
  | {
      readonly type: 'file'
      /** Components below the folder; the name alone where the content is a single file. */
      readonly path: readonly string[]
      /** Bytes. */
      readonly length: number
      /** In ns since 1970. */
      readonly mtimeNs: bigint
      readonly isExecutable: boolean
    }
  | {
      readonly type: 'symlink'
      readonly path: readonly string[]
      /** Components below the folder. */
      readonly target: readonly string[]
    }

export interface ScanResult {
  readonly isFolder: boolean
  /** Absolute path of the file or the folder, with no symlink in it. */
  readonly root: string
  /** Its name. */
  readonly name: string
  /** Entries that were left out, with the reason: one line each. */
  readonly warnings: readonly string[]
  /** The number of hidden files and folders that were left out. */
  readonly hidden: HiddenCount
}

/** Many `items`, and at the end one of the others. */
export type ScanAnswer =
  /** Sorted by the bytes of each component, as a v2 torrent has them. */
  | { readonly type: 'items'; readonly items: readonly ScannedItem[] }
  | ({ readonly type: 'scanned' } & ScanResult)
  | { readonly type: 'scan-failed'; readonly error: ErrorFacts }
