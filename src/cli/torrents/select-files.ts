import { Glob } from '../../base/glob.js'
import { NORMAL, NOT_WANTED, type Priority } from '../../engine/pick/priorities.js'
import { Selection } from '../../engine/pick/selection.js'
import { type FileRange, isInRanges } from '../../protocol/file-ranges.js'
import type { Info } from '../../protocol/metainfo/metainfo.js'
import { CliError } from '../errors/cli-error.js'
import { counted } from '../view/text.js'

const FIRST: Priority = 7

/** Files that an error names, of those that there are. */
const SHOWN_FILES = 5

/** `--select` and `--first`, as they were given, and what a magnet link selects. */
export interface FileChoice {
  readonly select: readonly string[]
  readonly first: readonly string[]
  /** As `Magnet.selectOnly`; `--select` wins. */
  readonly listed?: readonly FileRange[] | undefined
}

/** Makes the selection of a torrent, once its files are known. Throws `CliError` as `selectFiles`. */
export type FileSelector = (info: Info) => Selection

/** The selection that `--select`, `--first` and a link make of a torrent; undefined where none of them was given. */
export function fileSelector(choice: FileChoice): FileSelector | undefined {
  const isGiven = choice.select.length > 0 || choice.first.length > 0 || choice.listed !== undefined
  return isGiven ? info => selectFiles(info, choice) : undefined
}

/**
 * The files that `--select` and `--first` name. The later of two patterns that match a file
 * holds; where the first one leaves files out, all others are selected.
 * @throws {CliError} `usage`: a pattern matches no file, or all files are left out
 */
function selectFiles(info: Info, { select, first, listed }: FileChoice): Selection {
  const selecting = select.map(text => new FilePattern('--select', text))
  const preferring = first.map(text => new FilePattern('--first', text))
  const ranges = selecting.length === 0 ? listed : undefined
  const isSelectedAtFirst = selecting[0]?.isNegated ?? true
  let files = 0
  let selected = 0
  const selection = Selection.of(info, (index, { type, path }) => {
    const file = { number: type === 'file' ? files++ : undefined, path: pathOf(info, path) }
    let isSelected = ranges === undefined ? isSelectedAtFirst : isInRanges(ranges, index)
    for (const pattern of selecting) if (pattern.matches(file)) isSelected = !pattern.isNegated
    const isFirst = preferring.filter(pattern => pattern.matches(file)).length > 0
    if (isSelected) selected++
    return isSelected ? (isFirst ? FIRST : NORMAL) : NOT_WANTED
  })
  const vain = [...selecting, ...preferring].find(({ hasMatched }) => !hasMatched)
  if (vain !== undefined) throw nothing(info, `${vain.option} '${vain.text}' matches no file`)
  if (selected > 0) return selection
  throw nothing(
    info,
    ranges === undefined ? '--select leaves out all files' : 'the link selects no file (so=)',
  )
}

/** A file, or a symlink, which has no number. */
interface NumberedFile {
  /** From 0, in the order of the torrent. */
  readonly number: number | undefined
  /** From the torrent's name on. */
  readonly path: readonly string[]
}

/**
 * The files that a pattern matches: numbers of files (`0`, `2-5`, `0,2-5`), or a glob. A glob with a slash is matched against the path from
 * the torrent's name on, one without against the names of the file and of its folders. What matches a folder matches all in it.
 */
class FilePattern {
  readonly option: string
  readonly text: string
  readonly isNegated: boolean
  hasMatched = false
  readonly #matches: (file: NumberedFile) => boolean

  constructor(option: string, text: string) {
    this.option = option
    this.text = text
    this.isNegated = option === '--select' && text.startsWith('!')
    const pattern = this.isNegated ? text.slice(1) : text
    this.#matches = numbersIn(pattern) ?? globIn(pattern)
  }

  matches(file: NumberedFile): boolean {
    const isMatch = this.#matches(file)
    this.hasMatched ||= isMatch
    return isMatch
  }
}

function numbersIn(pattern: string): ((file: NumberedFile) => boolean) | undefined {
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(pattern)) return undefined
  const ranges = pattern.split(',').map(range => {
    const [first = '', last = first] = range.split('-')
    return { first: Number(first), last: Number(last) }
  })
  return ({ number }) =>
    number !== undefined && ranges.some(({ first, last }) => number >= first && number <= last)
}

function globIn(pattern: string): (file: NumberedFile) => boolean {
  const whole = pattern.endsWith('/') ? pattern.slice(0, -1) : pattern
  const glob = new Glob(whole)
  if (!whole.includes('/')) {
    // The name of the torrent is that of its only file, or says nothing of a file.
    return ({ path }) =>
      path.some((name, index) => (index > 0 || path.length === 1) && (name === whole || glob.matches(name)))
  }
  return ({ path }) =>
    path.some((_, index) => {
      const prefix = path.slice(0, index + 1).join('/')
      return prefix === whole || glob.matches(prefix)
    })
}

function pathOf({ name, isFolder }: Info, path: readonly string[]): readonly string[] {
  return isFolder ? [name, ...path] : [name]
}

function nothing(info: Info, what: string): CliError {
  const shown: string[] = []
  let more = 0
  for (const { type, path } of info.entries) {
    if (type !== 'file') continue
    if (shown.length < SHOWN_FILES) shown.push(pathOf(info, path).join('/'))
    else more++
  }
  const rest = more === 0 ? '' : ` and ${counted(more, 'more file')}`
  const message = `${info.name}: ${what}; there ${shown.length + more === 1 ? 'is' : 'are'} ${shown.join(', ')}${rest}: \`torrent info --all\` lists them`
  return new CliError('usage', message, { subject: info.name })
}
