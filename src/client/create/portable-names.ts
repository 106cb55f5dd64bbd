import type { Steps } from '../../base/steps.js'
import { nameInWords } from '../disk/names/changed-names.js'
import { MERGES_ALL } from '../disk/names/folding.js'
import { NamePlacer, type NameRules, UTF16_LIMIT } from '../disk/names/name-rules.js'
import { hasOddNames, type NamedLayout, type NamedNode, nameTree } from '../disk/names/name-tree.js'

/** The rules of Windows and macOS together; both limit names to the same number of units. */
const ELSEWHERE: NameRules = { isWindows: true, limit: UTF16_LIMIT, merging: MERGES_ALL }

/** Names that are shown; the others are counted. */
const SHOWN = 3

/** A line about the names that a download will have to change on Windows or macOS; undefined where there is none. */
export function* namesToChange(layout: NamedLayout): Steps<string | undefined> {
  if (!(yield* hasOddNames(layout))) return undefined
  const found: string[] = []
  yield* collect(yield* nameTree(layout), '', found)
  if (found.length === 0) return undefined
  const shown = found.slice(0, SHOWN).map(path => `"${nameInWords(path)}"`)
  const rest = found.length - shown.length
  const names = `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  return `${found.length === 1 ? '1 name' : `${found.length} names`} will have to be changed on Windows or macOS: ${names}`
}

function* collect(folder: NamedNode, path: string, found: string[]): Steps<void> {
  const names = yield* new NamePlacer(ELSEWHERE).placeAll([...folder.children.values()])
  for (const [child, name] of names) {
    const childPath = path === '' ? child.name : `${path}/${child.name}`
    if (name !== child.name) found.push(childPath)
    if (child.children.size > 0) yield* collect(child, childPath, found)
  }
}
