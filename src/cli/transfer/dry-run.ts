import type { ContentPreview } from '../../client/preview-content.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { CliError } from '../errors/cli-error.js'
import { LazyList } from '../output/json-pieces.js'
import type { Output } from '../output/output.js'
import { openProgress } from '../output/progress.js'
import type { Services } from '../services.js'
import { infoHashesOf, infoHashOf } from '../torrents/torrent-facts.js'
import { SHOWN_LINES } from '../values/shown-lines.js'
import { formatBytes } from '../values/units.js'
import { previewPicture } from '../view/preview-picture.js'
import { metainfoOf, type PlannedRun } from './plan-metainfo.js'
import type { TransferPlan } from './transfers.js'

/** Tells what downloads would do, one after the other; a torrent that fails is told, and the others go on. */
export async function dryRun(
  plans: Iterable<TransferPlan> | AsyncIterable<TransferPlan>,
  services: Pick<Services, 'previewContent'>,
  run: PlannedRun,
): Promise<void> {
  const { context, signal } = run
  for await (const plan of plans) {
    const infoHash = infoHashOf(plan.torrent)
    try {
      const metainfo = await metainfoOf(plan, run)
      const preview = await previewOf(metainfo, plan, services, run)
      tell(metainfo, preview, context.output)
      if (preview.room > preview.free) throw noRoom(metainfo, preview)
    } catch (error) {
      context.fail(error, infoHash)
    }
    if (signal.aborted) return
    await context.output.ready(signal)
  }
}

async function previewOf(
  metainfo: Metainfo,
  { options }: TransferPlan,
  services: Pick<Services, 'previewContent'>,
  { context, signal }: PlannedRun,
): Promise<ContentPreview> {
  const { name, size } = metainfo
  const { dir, selection, recheck = false, truncate = false } = options
  let done = 0
  using view = await openProgress(context.output)
  view.add({ name, snapshot: () => ({ type: 'work' as const, activity: 'checking', done, total: size }) })
  const onProgress = (nowDone: number): void => {
    done = nowDone
  }
  try {
    return await services.previewContent(metainfo, dir, { selection, recheck, truncate, signal, onProgress })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new CliError('interrupted', `${name}: stopped before all was checked`, { subject: name })
  }
}

function tell(metainfo: Metainfo, preview: ContentPreview, output: Output): void {
  const { name, isFolder } = metainfo
  const { contentPath, files, size, done, missing, room, free } = preview
  const pathOf = (path: string): string => (isFolder ? `${name}/${path}` : name)
  if (output.isJson)
    output.event({
      type: 'preview',
      infoHash: infoHashOf(metainfo),
      name,
      ...infoHashesOf(metainfo),
      path: contentPath,
      size,
      done,
      missing,
      room,
      free,
      files: new LazyList(function* () {
        for (const { path, length, verified = 0, isSelected } of files)
          yield { path: pathOf(path), length, done: verified, selected: isSelected }
      }),
    })
  const maxLines = output.isForEyes ? SHOWN_LINES.onTerminal : SHOWN_LINES.elsewhere
  output.result(previewPicture(metainfo, preview, { paint: output.paint, maxLines }))
}

function noRoom({ name }: Metainfo, { contentPath, room, free }: ContentPreview): CliError {
  const what = `${name}: it needs ${formatBytes(room)}, and the disk of ${contentPath} has ${formatBytes(free)} free`
  return new CliError('no-room', what, { subject: contentPath })
}
