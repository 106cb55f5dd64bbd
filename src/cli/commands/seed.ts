import { dirname, resolve } from 'node:path'
import { equalBytes } from '../../base/bytes.js'
import type { DraftOptions, TorrentDraft } from '../../client/create/draft-torrent.js'
import type { Magnet } from '../../protocol/magnet.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { CommandContext } from '../command-context.js'
import { CliError } from '../errors/cli-error.js'
import { addOptions } from '../options/add-options.js'
import type { ParsedOptions } from '../options/option-table.js'
import { sourceValues } from '../options/option-values.js'
import { openProgress } from '../output/progress.js'
import type { StopSignal } from '../output/stop-signal.js'
import type { Begin, Command } from '../program.js'
import type { Services, Tracker } from '../services.js'
import { buildWithProgress, layOut, signature, sizeOf, tellLeftOut } from '../torrents/build-torrent.js'
import { loadSource, type Source } from '../torrents/load-source.js'
import { loadSources } from '../torrents/load-sources.js'
import { parseNamed } from '../torrents/load-torrent.js'
import { readMagnet } from '../torrents/read-magnet.js'
import { fileSelector } from '../torrents/select-files.js'
import { SourceError, sourceName } from '../torrents/source-error.js'
import { factsOf, hasMetainfo, infoHashOf } from '../torrents/torrent-facts.js'
import { assertFree, findPlace, type ResultPlace, writeResult } from '../torrents/torrent-file.js'
import { magnetSources } from '../transfer/magnet-sources.js'
import { peerSources, sessionOptions, uploadOptions } from '../transfer/swarm-options.js'
import { type TransferPlan, Transfers } from '../transfer/transfers.js'
import type { ProgressView } from '../view/progress-view.js'

type SeedServices = Pick<
  Services,
  'parseMetainfo' | 'parseMagnet' | 'openSession' | 'listenTracker' | 'draftTorrent'
>

type SeedValues = ParsedOptions<'seed'>

/** The parts of one command that all of its sources share. */
interface SeedRun {
  readonly values: SeedValues
  readonly context: CommandContext
  readonly services: SeedServices
  readonly stop: StopSignal
  readonly view: ProgressView
  readonly tracker: Tracker | undefined
}

const HELP = `
A plain file or folder is made into a torrent first, with the trackers that are
named here; --out keeps its .torrent to be given to others.

Examples:
  torrent seed ubuntu.iso.torrent -d ~/Downloads
  torrent seed ubuntu.iso --with-tracker -o ubuntu.torrent`

export function defineSeed(command: Command, begin: Begin, services: SeedServices): void {
  addOptions(command, 'seed')
    .description('Seeds torrents whose content is on this machine.')
    .argument(
      '<source...>',
      '.torrent files, `-`, http(s) addresses, magnet links, info hashes, or plain files and folders',
      sourceValues,
    )
    .addHelpText('after', HELP)
    .action(async (sources, values) => await seed(sources, values, await begin(), services))
}

async function seed(
  sources: readonly string[],
  values: SeedValues,
  context: CommandContext,
  services: SeedServices,
): Promise<void> {
  const { output } = context
  if (values.out !== undefined && sources.length > 1) {
    throw new CliError('usage', '--out takes one source: it names one .torrent', { subject: values.out })
  }
  using stop = context.stopOnSignals()
  using view = await openProgress(output)
  await using tracker = await openTracker(values, services)
  if (tracker !== undefined) {
    output.event({ type: 'listening', port: tracker.port, urls: tracker.urls })
    output.note(`tracker: ${tracker.urls[0]}`)
  }
  const run: SeedRun = { values, context, services, stop, view, tracker }
  const openSession = () => services.openSession(sessionOptions(values))
  await new Transfers(context).run(
    planAll(sources, run),
    { exitWhenComplete: false },
    { openSession, stop, view },
  )
}

async function openTracker(
  { withTracker, bind }: SeedValues,
  services: SeedServices,
): Promise<Tracker | undefined> {
  if (withTracker === undefined) return undefined
  return await services.listenTracker({ port: withTracker, bind })
}

/** Plans the seeding of each source. A source that fails is reported, and the others are seeded. */
async function* planAll(sources: readonly string[], run: SeedRun): AsyncGenerator<TransferPlan> {
  const { context, values, stop } = run
  const from = await peerSources(values, context.output, stop.signal)
  const note = (text: string): void => context.output.note(text)
  const known = new Set<string>()
  for await (const { source, loading } of loadSources(sources, { signal: stop.signal, note })) {
    if (stop.isStopped) return
    try {
      const { torrent, dir, trustData } = await open(await loading, source, run)
      const infoHash = infoHashOf(torrent)
      if (hasMetainfo(torrent)) {
        for (const warning of torrent.warnings)
          context.output.warn('metainfo', warning, { infoHash, name: sourceName(source) })
      }
      nameOnTracker(torrent, run.tracker)
      const trackers = [...(from.trackers ?? []), ...ownTier(torrent, run)]
      const own = { ...from, trackers }
      const listed = hasMetainfo(torrent) ? undefined : torrent.selectOnly
      const selection = fileSelector({ select: values.select, first: [], listed })
      // A selection of nothing is told before anything begins.
      if (hasMetainfo(torrent)) selection?.(torrent)
      const options = {
        ...(hasMetainfo(torrent) ? own : await magnetSources(torrent, own, context.output, stop.signal)),
        ...uploadOptions(values),
        dir,
        mode: 'seed' as const,
        selection,
        goals: { ratio: values.ratio, seedTimeSeconds: values.seedTime },
        trustData,
      }
      if (known.has(infoHash)) continue
      known.add(infoHash)
      yield { torrent, options }
    } catch (error) {
      if (!stop.isStopped) context.fail(error)
    }
  }
}

interface Opened {
  readonly torrent: Metainfo | Magnet
  readonly dir: string
  readonly trustData: 'hashed' | 'unread' | undefined
}

async function open(loaded: Source, source: string, run: SeedRun): Promise<Opened> {
  const { values, services } = run
  switch (loaded.type) {
    case 'metainfo': {
      if (values.out !== undefined) {
        const what = `${sourceName(source)}: it is a .torrent already: --out goes with a plain file or folder`
        throw new CliError('usage', what, { subject: source })
      }
      const metainfo = await parseNamed(loaded.bytes, source, services)
      return { torrent: metainfo, ...placed(values) }
    }
    case 'path':
      // It was hashed a moment ago.
      return {
        torrent: await publish(loaded.path, run),
        dir: dirname(resolve(loaded.path)),
        trustData: 'hashed',
      }
    case 'magnet':
      if (values.out !== undefined) {
        const what = '--out goes with a plain file or folder, and not with a magnet link'
        throw new CliError('usage', what, { subject: source })
      }
      return { torrent: await readMagnet(loaded.text, services, run.context.output), ...placed(values) }
  }
}

function placed({ dir, check }: SeedValues): Pick<Opened, 'dir' | 'trustData'> {
  return { dir: resolve(dir), trustData: check ? undefined : 'unread' }
}

/** Makes a torrent of a plain file or folder. */
async function publish(path: string, run: SeedRun): Promise<Metainfo> {
  const { values, services, stop, view, context } = run
  const { out, force } = values
  const place = out === undefined ? undefined : await findPlace(out)
  const kept = place === undefined || force ? undefined : await findKept(place, services)
  const draft = await layOut(path, draftOptions(run, kept?.metainfo), services)
  if (place !== undefined && kept !== undefined && !isAlike(kept.metainfo, draft)) assertFree(place)
  tellLeftOut(draft, '`torrent make --include-hidden`', context.output)
  const bytes = await buildWithProgress(draft, stop.signal, view)
  const metainfo = await services.parseMetainfo(bytes)
  await keep({ place, out: out ?? '', bytes, metainfo }, kept, run)
  return metainfo
}

/** A .torrent that stands already where one is to be kept. */
interface Kept {
  readonly bytes: Uint8Array
  readonly metainfo: Metainfo
}

/**
 * The .torrent that an earlier start has left, if there is one: started again, the same command makes the same torrent.
 * @throws {CliError} where there is something else
 */
async function findKept(place: ResultPlace, services: SeedServices): Promise<Kept | undefined> {
  if (place.type !== 'file') {
    assertFree(place)
    return undefined
  }
  try {
    const loaded = await loadSource(place.path)
    if (loaded.type === 'metainfo') {
      return { bytes: loaded.bytes, metainfo: await parseNamed(loaded.bytes, place.path, services) }
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
  }
  assertFree(place)
  return undefined
}

/** True if a torrent may turn out equal to the one that is kept, which is known before anything is hashed. */
function isAlike({ name, isFolder, size, pieceLength }: Metainfo, draft: TorrentDraft): boolean {
  return (
    draft.name === name &&
    draft.isFolder === isFolder &&
    draft.pieceLength === pieceLength &&
    sizeOf(draft) === size
  )
}

function draftOptions({ values, tracker }: SeedRun, kept: Metainfo | undefined): DraftOptions {
  const signed = signature({ date: true, creator: true }, process.env)
  return {
    version: 'hybrid',
    isPrivate: false,
    exclude: [],
    includeHidden: false,
    followSymlinks: false,
    checksums: true,
    trackers: [...values.tracker, ...(tracker === undefined ? [] : [tracker.urls.slice(0, 1)])],
    webSeeds: [],
    nodes: [],
    // Made anew it was made when it was made first.
    createdBy: kept === undefined ? signed.createdBy : kept.createdBy,
    creationDate: kept === undefined ? signed.creationDate : kept.creationDate,
  }
}

/** Writes the .torrent to where it is to be kept. */
async function keep(
  made: { place: ResultPlace | undefined; out: string; bytes: Uint8Array; metainfo: Metainfo },
  kept: Kept | undefined,
  { context: { output }, stop }: SeedRun,
): Promise<void> {
  const { place, out, bytes, metainfo } = made
  if (place === undefined) {
    output.note(`${metainfo.name}: others need its .torrent: --out writes it`)
    return
  }
  if (place.type === 'stdout') {
    output.bytes(bytes)
    return
  }
  const isSame = kept !== undefined && equalBytes(kept.bytes, bytes)
  if (kept !== undefined && !isSame) assertFree(place)
  if (!isSame) await writeResult(place, bytes, stop.signal)
  output.event({ type: 'made', infoHash: infoHashOf(metainfo), path: resolve(out), ...factsOf(metainfo) })
  output.note(isSame ? `${out} is unchanged` : `wrote ${out}`)
}

/** The tracker of this process, where the torrent does not name it, or its trackers are not asked. */
function ownTier({ trackers }: Metainfo | Magnet, { tracker, values }: SeedRun): string[][] {
  if (tracker === undefined) return []
  const isNamed = tracker.urls.some(url => trackers.flat().includes(url))
  return isNamed && !values.noTracker ? [] : [tracker.urls.slice(0, 1)]
}

/** So that the tracker's page shows more than hashes, and a hybrid as one torrent. */
function nameOnTracker(
  { infoHashV1, infoHashV2, name }: Metainfo | Magnet,
  tracker: Tracker | undefined,
): void {
  const infoHashes = [infoHashV1, infoHashV2?.subarray(0, 20)].filter(hash => hash !== undefined)
  if (name !== undefined) tracker?.nameTorrent(infoHashes, name)
}
