import type { BigIntStats } from 'node:fs'

/**
 * What the file system tells of the state of a file. `missing` also stands for pads, symlinks, and files that cannot be
 * looked at.
 */
export type FileStamp =
  | {
      readonly type: 'file'
      /** Bytes. */
      readonly size: number
      /** When the content was last changed, in ns since 1970; any program can set this back. */
      readonly mtimeNs: bigint
      /** When the content or anything else of the file was last changed, in ns since 1970; only a clock can set this back. */
      readonly ctimeNs: bigint
      /** Number of the file in its file system; 0 where numbers do not last. */
      readonly inode: bigint
    }
  | { readonly type: 'missing' }

export const MISSING: FileStamp = { type: 'missing' }

/**
 * Whether a file is still as it was, as far as the file system tells. This is the only place that decides it.
 *
 * A change that leaves the content alone (`chmod`, a new hard link, a rename) changes the ctime as well: the pieces of the
 * file are then hashed again, which costs time and nothing else. A file system without a ctime of its own repeats the mtime
 * or a constant there, which compares equal. Inodes are compared where both stamps have one.
 */
export function isSameFile(before: FileStamp | undefined, now: FileStamp | undefined): boolean {
  return (
    before?.type === 'file' &&
    now?.type === 'file' &&
    before.size === now.size &&
    before.mtimeNs === now.mtimeNs &&
    before.ctimeNs === now.ctimeNs &&
    (before.inode === now.inode || before.inode === 0n || now.inode === 0n)
  )
}

/** As `isSameFile`, and what was missing is missing still. */
export function isSameStamp(before: FileStamp, now: FileStamp | undefined): boolean {
  return before.type === 'missing' ? now?.type === 'missing' : isSameFile(before, now)
}

/** @param hasInodes whether the file system's inodes last, by `inodesLast` */
export function stampOf(stats: BigIntStats, hasInodes: boolean): Extract<FileStamp, { type: 'file' }> {
  return {
    type: 'file',
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    inode: hasInodes ? stats.ino : 0n,
  }
}

/**
 * File systems of Linux that may number their files anew whenever they are mounted, or even while they are: `f_type` of
 * `statfs`, as in `linux/magic.h`.
 */
const RENUMBERING_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x4d44, // FAT
  0x2011bab0, // exFAT
  0x65735546, // FUSE
  0x01021997, // 9p
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
])

/**
 * Whether a file keeps its inode while it exists. Elsewhere inodes would have files hashed again at each start, and say
 * nothing that the ctime does not say. On Windows the number is made from what the driver has, and FAT has nothing.
 * @param fileSystem `f_type` of `statfs`; undefined where it is not known
 */
export function inodesLast(platform: NodeJS.Platform, fileSystem: number | undefined): boolean {
  if (platform === 'win32') return false
  return platform !== 'linux' || (fileSystem !== undefined && !RENUMBERING_FILE_SYSTEMS.has(fileSystem))
}
