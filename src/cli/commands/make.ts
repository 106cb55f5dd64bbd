import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { printable } from '../../base/printable.js'
import type { DraftOptions, TorrentDraft } from '../../client/create/draft-torrent.js'
import type { EntryList, Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { CommandContext } from '../command-context.js'
import { CliError } from '../errors/cli-error.js'
import { addOptions } from '../options/add-options.js'
import type { ParsedOptions } from '../options/option-table.js'
import { openProgress } from '../output/progress.js'
import type { Begin, Command } from '../program.js'
import type { Services } from '../services.js'
import { buildWithProgress, layOut, signature, sizeOf, tellLeftOut } from '../torrents/build-torrent.js'
import { factsOf, filesOf, infoHashOf, jsonFiles } from '../torrents/torrent-facts.js'
import { assertFree, findPlace, type ResultPlace, writeResult } from '../torrents/torrent-file.js'
import { formatBytes, formatCount } from '../values/units.js'
import { table } from '../view/table.js'
import { countFiles, sizeInWords, torrentPicture } from '../view/torrent-picture.js'

type MakeServices = Pick<Services, 'draftTorrent' | 'parseMetainfo' | 'toMagnet'>

type MakeValues = ParsedOptions<'make'>

const HELP = `
The same content and options make the same torrent, byte for byte, with
--no-date or with SOURCE_DATE_EPOCH set.

Examples:
  torrent make ubuntu.iso -t http://tracker.example.org:6969/announce
  torrent make photos/ --exclude '*.tmp' -c 'Summer 2024' -o summer.torrent
  torrent make data.tar -t http://a.example/announce -t http://b.example/announce`

export function defineMake(command: Command, begin: Begin, services: MakeServices): void {
  addOptions(command, 'make')
    .description('Makes a .torrent of a file or a folder, and prints its path.')
    .argument('<path>', 'file or folder')
    .addHelpText('after', HELP)
    .action(async (path, values) => await make(path, values, await begin(), services))
}

async function make(
  path: string,
  values: MakeValues,
  context: CommandContext,
  services: MakeServices,
): Promise<void> {
  const { output } = context
  using stop = context.stopOnSignals()
  const made = await makeTorrent(path, values, context, services, stop.signal)
  if (made === undefined) return
  if (made.place.type === 'stdout') {
    output.bytes(made.bytes)
    return
  }
  await write(made.place, made.bytes, path, stop.signal)
  await tellMade(made.out, await services.parseMetainfo(made.bytes), context, services)
}

/** The path and the bytes of the .torrent; undefined with `--dry-run`. The draft, which may be large, is released with this. */
async function makeTorrent(
  path: string,
  values: MakeValues,
  context: CommandContext,
  services: MakeServices,
  signal: AbortSignal,
): Promise<{ out: string; place: ResultPlace; bytes: Uint8Array } | undefined> {
  const { output } = context
  const draft = await layOut(path, draftOptions(values), services)
  tellLeftOut(draft, '--include-hidden', output)
  for (const warning of lints(values)) output.warn('likely-mistake', warning)

  const out = values.out ?? (await defaultOut(path, draft.name))
  const place = await findPlace(out)
  await assertOutside(place, path, draft)
  if (!values.force) assertFree(place)
  if (values.dryRun) {
    tellDraft(draft, out, context)
    return undefined
  }
  return { out, place, bytes: await build(draft, path, context, signal) }
}

/** Here, or beside the content where this folder is a part of it. */
async function defaultOut(path: string, name: string): Promise<string> {
  const file = `${name}.torrent`
  const [here, content] = await Promise.all([realpath('.'), realpath(path)])
  return isWithin(here, content) ? relative(here, join(dirname(content), file)) : file
}

function isWithin(path: string, folder: string): boolean {
  const place = relative(folder, path)
  return place !== '..' && !place.startsWith(`..${sep}`) && !isAbsolute(place)
}

/** Throws `CliError` where the .torrent would overwrite a part of what it is made of. */
async function assertOutside(place: ResultPlace, path: string, { entries }: TorrentDraft): Promise<void> {
  if (place.type !== 'file') return
  const below = relative(await realpath(path), place.path)
  if (below !== '' && !isFileAt(below, entries)) return
  const what = `${place.path}: it is itself among what is published: write it elsewhere with --out, or leave it out with --exclude`
  throw new CliError('usage', what, { subject: place.path })
}

function isFileAt(place: string, entries: EntryList): boolean {
  for (const { path } of filesOf(entries)) if (join(...path) === place) return true
  return false
}

async function build(
  draft: TorrentDraft,
  path: string,
  { output }: CommandContext,
  signal: AbortSignal,
): Promise<Uint8Array> {
  using view = await openProgress(output)
  try {
    return await buildWithProgress(draft, signal, view)
  } catch (error) {
    if (!signal.aborted) throw error
    throw new CliError('interrupted', `${path}: stopped, nothing was written`, { subject: path })
  }
}

async function write(
  place: Exclude<ResultPlace, { type: 'stdout' }>,
  bytes: Uint8Array,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await writeResult(place, bytes, signal)
  } catch (error) {
    if (!signal.aborted) throw error
    throw new CliError('interrupted', `${path}: stopped, nothing was written`, { subject: path })
  }
}

async function tellMade(
  out: string,
  metainfo: Metainfo,
  { output }: CommandContext,
  services: MakeServices,
): Promise<void> {
  if (output.isJson)
    output.event({ type: 'made', infoHash: infoHashOf(metainfo), path: resolve(out), ...factsOf(metainfo) })
  const magnet = await services.toMagnet(metainfo)
  const picture = torrentPicture(metainfo, magnet, { paint: output.notePaint, maxLines: 20 })
  output.picture([...picture].join('\n'))
  output.result(printable(out))
}

function draftOptions(values: MakeValues): DraftOptions {
  return {
    name: values.name,
    version: values.format,
    pieceLength: values.pieceLength === 'auto' ? undefined : values.pieceLength,
    isPrivate: values.private,
    source: values.source,
    exclude: values.exclude,
    includeHidden: values.includeHidden,
    followSymlinks: values.followSymlinks,
    checksums: values.checksums,
    trackers: values.tracker,
    webSeeds: values.webSeed,
    nodes: values.node,
    comment: values.comment,
    ...signature(values, process.env),
  }
}

/** Likely mistakes, with the options that correct them. */
function lints({ private: isPrivate, tracker }: MakeValues): string[] {
  if (isPrivate && tracker.length === 0) {
    return ['a private torrent without a tracker finds no peers: name one with --tracker']
  }
  return []
}

function tellDraft(draft: TorrentDraft, out: string, { output }: CommandContext): void {
  const { name, pieceLength, pieceCount } = draft
  const size = sizeOf(draft)
  const files = jsonFiles(draft)
  const path = out === '-' ? {} : { path: resolve(out) }
  output.event({ type: 'draft', ...path, name, size, pieceLength, pieceCount, files })
  output.result(
    table([
      ['would write', [out === '-' ? 'to standard output' : printable(out)]],
      ['name', [printable(name)]],
      ['size', [sizeInWords(size)]],
      ['files', [formatCount(countFiles(draft))]],
      ['pieces', [`${formatCount(pieceCount)} of ${formatBytes(pieceLength)}`]],
      ['format', [draft.version]],
    ]),
  )
}
