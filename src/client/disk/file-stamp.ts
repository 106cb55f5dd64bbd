import type { BigIntStats } from 'node:fs'

/**
 * The state of a file as the file system reports it. Pads, symlinks, and files that cannot be examined are `missing`, too.
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
 * True if a file is unchanged, as far as the file system tells. This is the only place that decides it.
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

export function stampOf(
  stats: BigIntStats,
  { inodesLast }: StampRules,
): Extract<FileStamp, { type: 'file' }> {
  return {
    type: 'file',
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    inode: inodesLast ? stats.ino : 0n,
  }
}

/** The properties of a file system's stamps that can be relied on. */
export interface StampRules {
  /**
   * True if a file keeps its inode number while it exists. Elsewhere comparing it would have files hashed again at each start, and
   * would tell nothing that the ctime does not tell.
   */
  readonly inodesLast: boolean
  /**
   * True if a stamp taken right after a write holds until the next change, and costs next to nothing. Then a change by another
   * program is noticed between two writes of our own; elsewhere only after the last one.
   */
  readonly areInstant: boolean
}

const LOCAL: StampRules = { inodesLast: true, areInstant: true }
/** Times may be rounded, or set by a server, after the write; looking at them may wait until everything is written. */
const REMOTE: StampRules = { inodesLast: false, areInstant: false }

/** File systems of Linux with stamps of their own kind: `f_type` of `statfs`, as in `linux/magic.h`. */
const LINUX_RULES: ReadonlyMap<number, StampRules> = new Map([
  [0x4d44, REMOTE], // FAT
  [0x2011bab0, REMOTE], // exFAT
  [0x65735546, REMOTE], // FUSE
  [0x01021997, REMOTE], // 9p
  [0x517b, REMOTE], // SMB
  [0xff534d42, REMOTE], // CIFS
  [0xfe534d42, REMOTE], // SMB2
  [0x6969, { inodesLast: true, areInstant: false }], // NFS
])

/**
 * The rules for stamps. NTFS updates times only when a file is closed, and its inodes are made from what the driver has.
 * @param fileSystem `f_type` of `statfs`; undefined where it is not known
 */
export function stampRules(platform: NodeJS.Platform, fileSystem: number | undefined): StampRules {
  if (platform === 'win32') return REMOTE
  if (platform !== 'linux') return LOCAL
  return fileSystem === undefined ? REMOTE : (LINUX_RULES.get(fileSystem) ?? LOCAL)
}
