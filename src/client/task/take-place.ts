import type { Info } from '../../protocol/metainfo/metainfo.js'
import type { PathClaim, PathClaims } from '../claims/path-claims.js'
import type { StorageLayout, StorageOptions } from '../disk/layout.js'
import { type ChangedNames, findDiskNames } from '../disk/names/disk-names.js'

/** The place of a torrent's content on the disk. */
export interface ContentPlace {
  /** With the names on the disk. */
  readonly layout: StorageLayout
  readonly changed: ChangedNames
  readonly claim: PathClaim
}

/**
 * Finds out under which names a content lies on the disk, and claims its paths, before anything of it is written.
 * @param remembered changed names of an earlier session
 * @throws {import('../claims/path-claims.js').ClaimError}
 */
export async function takePlace(
  info: Info,
  options: StorageOptions,
  remembered: ChangedNames,
  claims: PathClaims,
): Promise<ContentPlace> {
  const { layout, changed } = await findDiskNames<StorageLayout>(info, options, remembered)
  return { layout, changed, claim: await claims.take({ ...options, layout, info }) }
}
