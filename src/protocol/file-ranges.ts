// BEP 53: the files that a magnet link selects, as `so=0,2,4-6`.

/** Numbers of files, inclusive. */
export interface FileRange {
  readonly first: number
  readonly last: number
}

/** Of a link; further ones are passed over. */
const MAX_RANGES = 10_000

/** Digits of a number: a torrent has fewer files. */
const RANGE = /^(\d{1,9})(?:-(\d{1,9}))?$/

/**
 * Reads ranges, in order and merged where they touch; what is malformed is passed over. Undefined where nothing is left: then
 * nothing was selected, rather than no file.
 */
export function parseFileRanges(text: string): readonly FileRange[] | undefined {
  const ranges: FileRange[] = []
  for (const part of text.split(',', MAX_RANGES)) {
    const [, first, last = first] = RANGE.exec(part.trim()) ?? []
    if (first !== undefined && Number(first) <= Number(last))
      ranges.push({ first: Number(first), last: Number(last) })
  }
  return ranges.length === 0 ? undefined : merged(ranges)
}

/** The text that `parseFileRanges` reads. */
export function formatFileRanges(ranges: readonly FileRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}

/** The ranges of numbers that ascend. */
export function rangesOf(numbers: Iterable<number>): readonly FileRange[] {
  const ranges: FileRange[] = []
  for (const number of numbers) {
    const before = ranges.at(-1)
    if (before?.last === number - 1) ranges[ranges.length - 1] = { first: before.first, last: number }
    else ranges.push({ first: number, last: number })
  }
  return ranges
}

/** Whether a number lies in one of some ranges that are in order and do not touch. */
export function isInRanges(ranges: readonly FileRange[], number: number): boolean {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ranges[middle]?.last ?? 0) < number) low = middle + 1
    else high = middle
  }
  return (ranges[low]?.first ?? Number.POSITIVE_INFINITY) <= number
}

function merged(ranges: FileRange[]): FileRange[] {
  const all: FileRange[] = []
  for (const range of ranges.sort((a, b) => a.first - b.first)) {
    const before = all.at(-1)
    if (before === undefined || range.first > before.last + 1) all.push(range)
    else all[all.length - 1] = { first: before.first, last: Math.max(before.last, range.last) }
  }
  return all
}
