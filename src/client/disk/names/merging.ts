// File systems that take different names for one: vfat, exFAT, NTFS, APFS and HFS+ by default, ext4 and f2fs in folders
// that were marked for it.

import { randomBytes } from 'node:crypto'
import { lstat, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../../../base/errors.js'
import { foldedName } from '../../../protocol/metainfo/reading/safe-names.js'

/** Which differences between names a file system does not see. */
export interface Merging {
  readonly case: boolean
  /** Composed and decomposed accents: é as one character, or as e and a combining accent. */
  readonly forms: boolean
}

/** Equal for names that such a file system takes for one. */
export function foldFor({ case: mergesCase, forms }: Merging): (name: string) => string {
  if (mergesCase && forms) return foldedName
  if (mergesCase) return name => name.toUpperCase()
  return forms ? name => name.normalize('NFC') : name => name
}

/** What the file systems that the platform usually has merge. */
export function usualMerging(platform: NodeJS.Platform): Merging {
  return { case: platform === 'win32' || platform === 'darwin', forms: platform === 'darwin' }
}

/**
 * Finds out by means of a file, which is removed again, what the file system of a folder merges. Where none can be made, what is
 * usual on this platform counts.
 */
export async function probeMerging(folder: string): Promise<Merging> {
  const stem = `.torrent-${randomBytes(6).toString('hex')}`
  const probe = join(folder, `${stem}-\u00e9-x`)
  try {
    await (await open(probe, 'wx')).close()
  } catch {
    return usualMerging(process.platform)
  }
  try {
    return {
      case: await exists(join(folder, `${stem}-\u00e9-X`)),
      forms: await exists(join(folder, `${stem}-e\u0301-x`)),
    }
  } finally {
    await rm(probe, { force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (systemCode(error) === '') throw error
    return false
  }
}
