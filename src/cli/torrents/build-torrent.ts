import { VERSION } from '../../base/version.js'
import type { DraftOptions, TorrentDraft } from '../../client/create/draft-torrent.js'
import { MetainfoError } from '../../protocol/metainfo/metainfo-error.js'
import { CliError } from '../errors/cli-error.js'
import type { Output } from '../output/output.js'
import type { Services } from '../services.js'
import type { ProgressView } from '../view/progress-view.js'
import { counted } from '../view/text.js'
import { filesOf } from './torrent-facts.js'

/** Lays out a torrent of a file or a folder. Throws `CliError` where it makes none, and `DiskError`. */
export async function layOut(
  path: string,
  options: DraftOptions,
  services: Pick<Services, 'draftTorrent'>,
): Promise<TorrentDraft> {
  try {
    return await services.draftTorrent(path, options)
  } catch (error) {
    if (!(error instanceof MetainfoError)) throw error
    const what = `${path}: no torrent can be made of it: ${error.message}`
    throw new CliError('no-content', what, { subject: path }, { cause: error })
  }
}

/** Hashes a draft with its progress shown; the bytes of the .torrent. Rejects with the signal's reason once aborted. */
export async function buildWithProgress(
  draft: TorrentDraft,
  signal: AbortSignal,
  view: ProgressView,
): Promise<Uint8Array> {
  const total = sizeOf(draft)
  let done = 0
  const row = {
    name: draft.name,
    snapshot: () => ({ type: 'work' as const, activity: 'hashing', done, total }),
  }
  view.add(row)
  try {
    return await draft.build({
      signal,
      // Some bytes are hashed twice, but progress is shown by the size of the content.
      onProgress: (hashed, toHash) => {
        done = toHash === 0 ? 0 : Math.floor((hashed / toHash) * total)
      },
    })
  } finally {
    view.remove(row)
  }
}

/** Bytes of the files, without pads. */
export function sizeOf({ entries }: Pick<TorrentDraft, 'entries'>): number {
  let size = 0
  for (const { length } of filesOf(entries)) size += length
  return size
}

/**
 * Tells what of a folder a draft leaves out, and which of its names are a trouble elsewhere.
 * @param takeHidden what takes the hidden files in
 */
export function tellLeftOut({ warnings, hidden }: TorrentDraft, takeHidden: string, output: Output): void {
  for (const warning of warnings) output.warn('left-out', warning)
  const kinds = [
    ...(hidden.files > 0 ? [counted(hidden.files, 'hidden file')] : []),
    ...(hidden.folders > 0 ? [counted(hidden.folders, 'hidden folder')] : []),
  ]
  if (kinds.length > 0) output.warn('hidden', `left out ${kinds.join(' and ')}: ${takeHidden} takes them`)
}

/** The creator and the creation date, as far as they are wanted. `SOURCE_DATE_EPOCH` (seconds) replaces the clock. */
export function signature(
  wants: { readonly date: boolean; readonly creator: boolean },
  env: NodeJS.ProcessEnv,
): Pick<DraftOptions, 'createdBy' | 'creationDate'> {
  const epoch = env.SOURCE_DATE_EPOCH
  const isFixed = epoch !== undefined && /^\d{1,12}$/.test(epoch)
  return {
    createdBy: wants.creator ? `torrent ${VERSION}` : undefined,
    creationDate: wants.date ? (isFixed ? Number(epoch) : Math.floor(Date.now() / 1000)) : undefined,
  }
}
