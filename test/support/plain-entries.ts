import type { ContentEntry } from '../../src/protocol/metainfo/metainfo.js'

/** Entries as objects that can be compared: all values in the place of getters. */
export function plainEntries(entries: Iterable<ContentEntry>): ContentEntry[] {
  return Array.from(entries, entry => {
    if (entry.type !== 'file') return { ...entry }
    const { type, path, length, offset, isExecutable, sha256, piecesRoot } = entry
    return { type, path, length, offset, isExecutable, sha256, piecesRoot }
  })
}
