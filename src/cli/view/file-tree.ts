import { printable } from '../../base/printable.js'
import { cutForPeople } from '../../base/text-pieces.js'
import type { ContentEntry, EntryList } from '../../protocol/metainfo/metainfo.js'
import { FileNumbers } from '../torrents/file-numbers.js'
import { formatBytes } from '../values/units.js'
import { FolderTree } from './folder-tree.js'
import { type Paint, plain } from './palette.js'
import { counted, cutTo, widthOf } from './text.js'

export interface TreeOptions {
  /** Lines at the most; the rest is summed up in one more. All of them, and whole, where it is left out. */
  readonly maxLines?: number | undefined
  /** The hint how to see all of it, as in `--all shows them`. */
  readonly hint?: string | undefined
  readonly paint?: Paint
  /** Whether each file stands behind its number among the files of the torrent, as `--select` counts them: from 0. */
  readonly isNumbered?: boolean
}

interface Line {
  readonly branch: string
  readonly name: string
  /** Columns of both; undefined for a name that is too long to line anything up with it. */
  readonly columns: number | undefined
  readonly length: number
  readonly isFile: boolean
  /** The text before the branch. */
  readonly margin: string
}

/** The longest name of a tree that is not shown whole, in columns. */
const MAX_NAME_COLUMNS = 100
/** Names with more UTF-16 code units are not measured, since nothing is aligned with them. */
const MAX_MEASURED = 400
/** Lines that are made at once; of a whole tree, the first of them say where the sizes stand. */
const LINES_A_CHUNK = 1_000

/**
 * The files below a folder, with sizes, those of folders summed up; names are escaped. Comes in chunks of lines, each of which
 * ends without a line feed. Memory: some numbers for each entry, and the lines of a chunk, or those that are shown.
 */
export function* fileTree(root: string, entries: EntryList, options: TreeOptions = {}): Generator<string> {
  const { maxLines, paint = plain, hint } = options
  const tree = new FolderTree(entries)
  const margin = options.isNumbered ? marginFor(entries) : () => ''
  const chunkLength = maxLines ?? LINES_A_CHUNK
  let columns: number | undefined
  let chunk: Line[] = []
  let shown = 0
  let shownFiles = 0
  for (const line of linesOf(root, entries, tree, { isCut: maxLines !== undefined, margin })) {
    if (shown === maxLines) break
    chunk.push(line)
    shown++
    if (line.isFile) shownFiles++
    if (chunk.length < chunkLength) continue
    columns ??= widest(chunk)
    yield inColumns(chunk, columns, paint)
    chunk = []
  }
  if (chunk.length > 0) yield inColumns(chunk, columns ?? widest(chunk), paint)
  const rest = tree.fileCount - shownFiles
  if (rest === 0) return
  const more = `… and ${counted(rest, 'more file', 'more files')}`
  yield paint('dim', hint === undefined ? more : `${more}; ${hint}`)
}

function widest(lines: readonly Line[]): number {
  return lines.reduce((most, { columns = 0 }) => Math.max(most, columns), 0)
}

function inColumns(lines: readonly Line[], columns: number, paint: Paint): string {
  return lines
    .map(line => {
      const gap = ' '.repeat(Math.max(0, columns - (line.columns ?? columns)) + 2)
      const name = line.isFile ? line.name : paint('bold', line.name)
      const size = paint('dim', formatBytes(line.length).padStart(9))
      return `${paint('dim', line.margin + line.branch)}${name}${gap}${size}`
    })
    .join('\n')
}

/** Makes what stands before a line: the number of a file, and as many spaces where there is none. */
function marginFor(entries: EntryList): (entryIndex: number | undefined) => string {
  const numbers = new FileNumbers(entries)
  const columns = String(entries.length).length
  return entryIndex => {
    const number = entryIndex === undefined ? undefined : numbers.of(entryIndex)
    return `${String(number ?? '').padStart(columns)}  `
  }
}

interface LineOptions {
  readonly isCut: boolean
  margin(entryIndex: number | undefined): string
}

/** All lines, from the top down, each made when it is asked for. */
function* linesOf(root: string, entries: EntryList, tree: FolderTree, options: LineOptions): Generator<Line> {
  const { isCut } = options
  const ofFolder = { isFile: false, isCut, margin: options.margin(undefined) }
  yield lineOf('', `${root}/`, { length: tree.lengthOf(tree.root), ...ofFolder })
  const open = [{ next: tree.firstChildOf(tree.root), indent: '' }]
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const node = folder.next
    if (node === undefined) {
      open.pop()
      continue
    }
    folder.next = tree.nextOf(node)
    const isLast = folder.next === undefined
    const branch = folder.indent + (isLast ? '└── ' : '├── ')
    if (node < entries.length) {
      const entry = entries.at(node)
      if (entry === undefined) continue
      yield lineOf(branch, shownName(entry), {
        length: entry.length,
        isFile: true,
        isCut,
        margin: options.margin(node),
      })
    } else {
      yield lineOf(branch, `${tree.nameOf(node)}/`, { length: tree.lengthOf(node), ...ofFolder })
      open.push({ next: tree.firstChildOf(node), indent: folder.indent + (isLast ? '    ' : '│   ') })
    }
  }
}

function shownName(entry: ContentEntry): string {
  const name = entry.path.at(-1) ?? ''
  return entry.type === 'symlink' ? `${name} -> ${entry.target.join('/')}` : name
}

/** The characters of a branch have a width of 1, so that its length is its width. */
function lineOf(
  branch: string,
  text: string,
  { length, isFile, isCut, margin }: { length: number; isFile: boolean; isCut: boolean; margin: string },
): Line {
  const whole = printable(isCut ? cutForPeople(text, MAX_MEASURED) : text)
  const name = isCut ? cutTo(whole, MAX_NAME_COLUMNS) : whole
  const columns = name.length > MAX_MEASURED ? undefined : branch.length + widthOf(name)
  return { branch, name, columns, length, isFile, margin }
}
