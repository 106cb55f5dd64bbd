import { formatBytes } from '../units.js'
import { type Paint, plain } from './palette.js'
import { counted, printable, widthOf } from './text.js'

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
export function fileTree(root: string, files: readonly TreeFile[], options: TreeOptions = {}): string {
  const paint = options.paint ?? plain
  const folder = treeOf(files)
  const lines: Line[] = [
    { branch: '', name: `${printable(root)}/`, length: folder.length, isFile: false, isFolder: true },
  ]
  addLines(lines, folder, '')

  const shown = lines.slice(0, options.maxLines ?? lines.length)
  const columns = Math.max(...shown.map(line => widthOf(line.branch + line.name)))
  const text = shown.map(line => {
    const gap = ' '.repeat(columns - widthOf(line.branch + line.name) + 2)
    const name = line.isFolder ? paint('bold', line.name) : line.name
    return `${paint('dim', line.branch)}${name}${gap}${paint('dim', formatBytes(line.length).padStart(9))}`
  })
  const rest = lines.slice(shown.length).filter(line => line.isFile).length
  if (rest > 0) text.push(paint('dim', `… and ${counted(rest, 'more file', 'more files')}`))
  return text.join('\n')
}

function treeOf(files: readonly TreeFile[]): Folder {
  const root: Folder = { children: new Map(), length: 0 }
  for (const file of files) {
    let folder = root
    folder.length += file.length
    for (const component of file.path.slice(0, -1)) {
      const child = folder.children.get(component)
      const next: Folder =
        child !== undefined && 'children' in child ? child : { children: new Map(), length: 0 }
      if (next !== child) folder.children.set(component, next)
      next.length += file.length
      folder = next
    }
    folder.children.set(file.path.at(-1) ?? '', file)
  }
  return root
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
