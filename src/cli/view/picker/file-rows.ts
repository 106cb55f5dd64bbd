import { printable } from '../../../base/printable.js'
import { cutForPeople } from '../../../base/text-pieces.js'
import type { EntryList } from '../../../protocol/metainfo/metainfo.js'
import { FolderTree } from '../folder-tree.js'

/** Of a name that is shown or filtered by, in UTF-16 units. */
const MAX_NAME = 1_000

/** A folder or a file of a torrent, in the order of its tree. */
export interface FileRow {
  /** The first one is that of the torrent's own folder, at depth 0. */
  readonly depth: number
  /** Printable; of folders with `/` behind. */
  readonly name: string
  /** Bytes; of folders those of all files in them. */
  readonly length: number
  /** Index of the entry; undefined for a folder. */
  readonly entryIndex: number | undefined
  /** The number of rows of what lies in it. */
  rowsBelow: number
}

/** The folders and files of a torrent as rows, each folder before what lies in it. */
export function fileRows(rootName: string, entries: EntryList): FileRow[] {
  const tree = new FolderTree(entries)
  const rows: FileRow[] = []
  const addFolder = (node: number, name: string, depth: number): FileRow => {
    const row = folderRow(name, tree.lengthOf(node), depth)
    rows.push(row)
    return row
  }
  const open = [{ row: addFolder(tree.root, rootName, 0), at: 0, next: tree.firstChildOf(tree.root) }]
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const node = folder.next
    if (node === undefined) {
      folder.row.rowsBelow = rows.length - folder.at - 1
      open.pop()
      continue
    }
    folder.next = tree.nextOf(node)
    const entry = node < entries.length ? entries.at(node) : undefined
    if (entry !== undefined) {
      const name = shownName(entry.path.at(-1) ?? '')
      rows.push({ depth: open.length, name, length: entry.length, entryIndex: node, rowsBelow: 0 })
      continue
    }
    const at = rows.length
    open.push({ row: addFolder(node, tree.nameOf(node), open.length), at, next: tree.firstChildOf(node) })
  }
  return rows
}

function folderRow(name: string, length: number, depth: number): FileRow {
  return { depth, name: `${shownName(name)}/`, length, entryIndex: undefined, rowsBelow: 0 }
}

function shownName(name: string): string {
  return printable(cutForPeople(name, MAX_NAME))
}
