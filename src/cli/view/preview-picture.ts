import { printable } from '../../base/printable.js'
import { cutForPeople, cutInMiddle } from '../../base/text-pieces.js'
import type { ContentPreview } from '../../client/preview-content.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { formatBytes, formatCount } from '../values/units.js'
import type { Paint } from './palette.js'
import { table } from './table.js'
import { counted } from './text.js'

/** Of texts that are shown, in UTF-16 units. */
const MAX_NAME = 300
const MAX_PATH = 4_096

export interface PreviewPictureOptions {
  readonly paint: Paint
  /** Of files; the rest is summed up in one more. */
  readonly maxLines: number
}

/** The output of `get --dry-run`, in chunks of lines: a table, and the selected files of a folder. */
export function* previewPicture(
  { name, isFolder }: Pick<Metainfo, 'name' | 'isFolder'>,
  { contentPath, files, size, done, missing, room, free }: ContentPreview,
  { paint, maxLines }: PreviewPictureOptions,
): Generator<string> {
  const selected = files.filter(({ isSelected }) => isSelected)
  yield table(
    [
      ['name', [paint('bold', printable(cutForPeople(name, MAX_NAME)))]],
      ['saved as', [printable(cutInMiddle(contentPath, MAX_PATH))]],
      ['files', isFolder ? [`${formatCount(selected.length)} of ${formatCount(files.length)}`] : []],
      ['size', [formatBytes(size)]],
      ['there', [formatBytes(done)]],
      ['download', [missing === 0 ? 'nothing' : formatBytes(missing)]],
      ['disk', [`needs ${formatBytes(room)}, ${formatBytes(free)} free`]],
    ],
    paint,
  )
  if (!isFolder) return
  yield ''
  for (const { path, length, verified = 0 } of selected.slice(0, maxLines)) {
    const part = `${Math.floor((100 * verified) / Math.max(1, length))}%`
    const state = verified === length ? paint('green', 'there'.padStart(5)) : part.padStart(5)
    yield `${state}  ${formatBytes(length).padStart(9)}  ${printable(cutInMiddle(`${name}/${path}`, MAX_PATH))}`
  }
  const rest = selected.length - maxLines
  if (rest > 0) yield `… and ${counted(rest, 'more file')}`
}
