import path from 'node:path'
import { equalBytes } from '../../base/bytes.js'
import type { FileEntry, Metainfo } from '../../protocol/metainfo/metainfo.js'
import { DataError } from '../data-error.js'
import { indexed } from '../disk/layout.js'
import type { Storage } from '../disk/storage.js'
import type { FileChecksum } from './torrent-events.js'

/**
 * Compares each whole file with the flat SHA-256 that the torrent states, where it does.
 * @param isVerified they were compared before, and the files are still the same
 * @throws {DataError} `checksum`: the pieces are right and the whole is not, so the publisher stated a wrong sum
 */
export async function verifyChecksums(options: {
  readonly storage: Storage
  readonly metainfo: Metainfo
  /** Where the file or folder lies. */
  readonly contentPath: string
  readonly isVerified: boolean
  readonly signal: AbortSignal
}): Promise<FileChecksum[]> {
  const { storage, metainfo, contentPath, isVerified, signal } = options
  const files: { index: number; file: FileEntry; sha256: Uint8Array }[] = []
  for (const [index, entry] of indexed(metainfo.entries)) {
    const sha256 = entry.type === 'file' ? entry.sha256 : undefined
    if (entry.type === 'file' && sha256 !== undefined) files.push({ index, file: entry, sha256 })
  }
  if (!isVerified && files.length > 0) {
    const indices = files.map(({ index }) => index)
    const found = await storage.hashFiles(indices, { signal })
    for (const [at, { file, sha256 }] of files.entries()) {
      const actual = found[at]
      if (actual !== undefined && equalBytes(actual, sha256)) continue
      const where = metainfo.isFolder ? path.join(contentPath, ...file.path) : contentPath
      throw new DataError('checksum', `${where}: its SHA-256 is not the one that the torrent states`, {
        path: where,
      })
    }
  }
  return files.map(({ file, sha256 }) => ({ path: file.path.join('/'), sha256 }))
}
