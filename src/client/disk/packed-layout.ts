import { EntryTable, type PackedEntries } from '../../protocol/metainfo/entry-table.js'
import { tableOf } from '../../protocol/metainfo/entry-table-builder.js'
import type { StorageLayout } from './layout.js'

/** A layout as it is sent to workers: its entries lie in memory that all threads share. */
export interface PackedLayout extends Omit<StorageLayout, 'entries'> {
  readonly entries: PackedEntries
}

export function packLayout(layout: StorageLayout): PackedLayout {
  const { version, name, isFolder, pieceLength, pieceCount } = layout
  return { version, name, isFolder, pieceLength, pieceCount, entries: tableOf(layout.entries).packed }
}

/** Digests are not among what was packed. */
export function unpackLayout(layout: PackedLayout): StorageLayout {
  return { ...layout, entries: new EntryTable(layout.entries) }
}
