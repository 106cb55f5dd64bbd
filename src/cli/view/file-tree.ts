import { printable } from '../../base/printable.js'
import { formatBytes } from '../values/units.js'
import { type Paint, plain } from './palette.js'
import { counted, widthOf } from './text.js'

export interface TreeFile {
  readonly path: readonly string[]
  /** Bytes. */
  readonly length: number
  /** What stands behind the name: where a symlink points to. */
  readonly remark?: string
}

export interface TreeOptions {
  /** Lines at the most; the rest is summed up in one more. All of them where it is left out. */
  readonly maxLines?: number
  readonly paint?: Paint
}

interface Folder {
  /** Those that may be shown: no more than there are lines, and one to know that there are more. */
  readonly children: Map<string, Folder | TreeFile>
  length: number
}

interface Line {
  readonly branch: string
  readonly name: string
  readonly length: number
  readonly isFile: boolean
  readonly isFolder: boolean
}

/** The files below a folder, with sizes, those of folders summed up; names are escaped. */
export function fileTree(root: string, files: Iterable<TreeFile>, options: TreeOptions = {}): string {
  const { maxLines = Number.POSITIVE_INFINITY, paint = plain } = options
  const { folder, fileCount } = treeOf(files, maxLines)
  const lines: Line[] = [
    { branch: '', name: `${printable(root)}/`, length: folder.length, isFile: false, isFolder: true },
  ]
  addLines(lines, folder, '')

  const shown = lines.slice(0, maxLines)
  const columns = shown.reduce((most, line) => Math.max(most, columnsOf(line)), 0)
  const text = shown.map(line => {
    const gap = ' '.repeat(columns - columnsOf(line) + 2)
    const name = line.isFolder ? paint('bold', line.name) : line.name
    return `${paint('dim', line.branch)}${name}${gap}${paint('dim', formatBytes(line.length).padStart(9))}`
  })
  const rest = fileCount - shown.filter(line => line.isFile).length
  if (rest > 0) text.push(paint('dim', `… and ${counted(rest, 'more file', 'more files')}`))
  return text.join('\n')
}

function treeOf(files: Iterable<TreeFile>, maxLines: number): { folder: Folder; fileCount: number } {
  const root: Folder = { children: new Map(), length: 0 }
  let fileCount = 0
  for (const file of files) {
    fileCount++
    let folder: Folder | undefined = root
    root.length += file.length
    for (const component of file.path.slice(0, -1)) {
      folder = folderIn(folder, component, maxLines)
      if (folder === undefined) break
      folder.length += file.length
    }
    const name = file.path.at(-1) ?? ''
    if (folder !== undefined && (folder.children.size <= maxLines || folder.children.has(name)))
      folder.children.set(name, file)
  }
  return { folder: root, fileCount }
}

/** Undefined for one that would stand below all that is shown. */
function folderIn(parent: Folder, name: string, maxLines: number): Folder | undefined {
  const child = parent.children.get(name)
  if (child !== undefined && 'children' in child) return child
  if (child === undefined && parent.children.size > maxLines) return undefined
  const folder: Folder = { children: new Map(), length: 0 }
  parent.children.set(name, folder)
  return folder
}

/** What a branch is drawn with is as wide as it is long. */
function columnsOf({ branch, name }: Line): number {
  return branch.length + widthOf(name)
}

function addLines(lines: Line[], folder: Folder, indent: string): void {
  let left = folder.children.size
  for (const [name, child] of folder.children) {
    const isLast = --left === 0
    const isFolder = 'children' in child
    const remark = isFolder ? '/' : (child.remark ?? '')
    lines.push({
      branch: indent + (isLast ? '└── ' : '├── '),
      name: printable(name + remark),
      length: child.length,
      isFile: !isFolder,
      isFolder,
    })
    if (isFolder) addLines(lines, child, indent + (isLast ? '    ' : '│   '))
  }
}
