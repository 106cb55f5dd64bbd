import type { EntryList } from '../../protocol/metainfo/metainfo.js'

/** The folder of each entry of a torrent, as numbers. A folder has a higher number than its parent. */
export interface EntryFolders {
  readonly length: number
  readonly folderCount: number
  isPad(index: number): boolean
  /** Bytes. */
  lengthOf(index: number): number
  folderOf(index: number): number
  parentOf(folder: number): number
  folderName(folder: number): string
}

/** The folders of entries that do not know theirs by number: of no more than a torrent is packed with. */
export function listedFolders(entries: EntryList): EntryFolders {
  const parents = [0]
  const names = ['']
  const kinds: string[] = []
  const lengths: number[] = []
  const folders: number[] = []
  const known = new Map<string, number>()
  for (const { type, path, length } of entries) {
    let folder = 0
    for (const name of type === 'pad' ? [] : path.slice(0, -1)) {
      const key = `${folder}/${name}`
      let child = known.get(key)
      if (child === undefined) {
        child = parents.length
        known.set(key, child)
        parents.push(folder)
        names.push(name)
      }
      folder = child
    }
    kinds.push(type)
    lengths.push(length)
    folders.push(folder)
  }
  return {
    length: kinds.length,
    folderCount: parents.length,
    isPad: index => kinds[index] === 'pad',
    lengthOf: index => lengths[index] ?? 0,
    folderOf: index => folders[index] ?? 0,
    parentOf: folder => parents[folder] ?? 0,
    folderName: folder => names[folder] ?? '',
  }
}
