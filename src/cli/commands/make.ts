import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import { printable } from '../../base/printable.js'
import type { DraftOptions, TorrentDraft } from '../../client/create/draft-torrent.js'
import type { EntryList, Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { CommandContext } from '../command-context.js'
import { CliError } from '../errors/cli-error.js'
import { openProgress } from '../output/progress.js'
import type { Begin, Command } from '../program.js'
import { buildWithProgress, layOut, signature, sizeOf, tellLeftOut } from '../torrents/build-torrent.js'
import { factsOf, filesOf, infoHashOf, jsonFiles } from '../torrents/torrent-facts.js'
import { assertFree, findPlace, type ResultPlace, writeResult } from '../torrents/torrent-file.js'
import {
  manyValues,
  nameValue,
  pieceLengthValue,
  tierValues,
  webSeedValues,
} from '../values/option-values.js'
import type { Rooms } from '../values/ports.js'
import { formatBytes, formatCount } from '../values/units.js'
import { table } from '../view/table.js'
import { countFiles, sizeInWords, torrentPicture } from '../view/torrent-picture.js'

type MakeRooms = Pick<Rooms, 'draftTorrent' | 'parseMetainfo' | 'toMagnet'>

interface MakeValues {
  readonly out?: string | undefined
  readonly tracker?: string[][] | undefined
  readonly webSeed?: string[] | undefined
  readonly name?: string | undefined
  readonly comment?: string | undefined
  readonly pieceLength: number | 'auto'
  readonly format: 'v1' | 'v2' | 'hybrid'
  readonly private?: true | undefined
  readonly source?: string | undefined
  readonly exclude?: string[] | undefined
  readonly includeHidden?: true | undefined
  readonly followSymlinks?: true | undefined
  readonly date: boolean
  readonly creator: boolean
  readonly checksums: boolean
  readonly dryRun?: true | undefined
  readonly force?: true | undefined
}

const CONTENT = 'Content options:'
const OUTPUT = 'Output options:'

const HELP = `
The same content and options make the same torrent, byte for byte, with
--no-date or with SOURCE_DATE_EPOCH set.

Examples:
  torrent make ubuntu.iso -t http://tracker.example.org:6969/announce
  torrent make photos/ --exclude '*.tmp' -c 'Summer 2024' -o summer.torrent
  torrent make data.tar -t http://a.example/announce -t http://b.example/announce`

export function defineMake(command: Command, begin: Begin, rooms: MakeRooms): void {
  command
    .description('Makes a .torrent of a file or a folder, and prints where it is.')
    .argument('<path>', 'file or folder')
    .option('-t, --tracker <url>', 'a tracker; again for the next tier, commas inside a tier', tierValues)
    .option('-w, --web-seed <url>', 'where the content can be had over HTTP (repeatable)', webSeedValues)
    .option('-n, --name <name>', 'name of the content (default: that of the path)', nameValue)
    .option('-c, --comment <text>', 'say something about it')
    .option('--private', 'for private trackers: peers come from the trackers alone')
    .option('--source <text>', 'mark for a private tracker; changes the info hash')
    .option('--no-date', 'leave out when it was made')
    .option('--no-creator', 'leave out which program made it')
    .addOption(
      new Option('--exclude <glob>', 'leave these out (repeatable)').argParser(manyValues).helpGroup(CONTENT),
    )
    .addOption(new Option('--include-hidden', 'take hidden files, too').helpGroup(CONTENT))
    .addOption(new Option('--follow-symlinks', 'take what symlinks point to').helpGroup(CONTENT))
    .addOption(
      new Option('--piece-length <size>', 'a power of two from 16KiB to 64MiB, or auto')
        .argParser(pieceLengthValue)
        .default('auto' as const)
        .helpGroup(CONTENT),
    )
    .addOption(
      new Option('--format <format>', 'v2 is the newer one, hybrid is for all clients')
        .choices(['v1', 'v2', 'hybrid'] as const)
        .default('hybrid' as const)
        .helpGroup(CONTENT),
    )
    .addOption(new Option('--no-checksums', 'leave the SHA-256 of each file out').helpGroup(CONTENT))
    .addOption(
      new Option(
        '-o, --out <file>',
        'where to write it, - for standard output (default: <name>.torrent here, or beside the folder that this one is in)',
      ).helpGroup(OUTPUT),
    )
    .addOption(new Option('-f, --force', 'overwrite').helpGroup(OUTPUT))
    .addOption(new Option('--dry-run', 'show what it would hold, hash and write nothing').helpGroup(OUTPUT))
    .addHelpText('after', HELP)
    .action(async (path, values) => await make(path, values, await begin(), rooms))
}

async function make(
  path: string,
  values: MakeValues,
  context: CommandContext,
  rooms: MakeRooms,
): Promise<void> {
  const { output } = context
  using stop = context.stopOnSignals()
  const made = await makeTorrent(path, values, context, rooms, stop.signal)
  if (made === undefined) return
  if (made.place.type === 'stdout') {
    output.bytes(made.bytes)
    return
  }
  await write(made.place, made.bytes, path, stop.signal)
  await tellMade(made.out, await rooms.parseMetainfo(made.bytes), context, rooms)
}

/** Where the .torrent goes, and its bytes; nothing with `--dry-run`. The draft, which may be large, ends with this. */
async function makeTorrent(
  path: string,
  values: MakeValues,
  context: CommandContext,
  rooms: MakeRooms,
  signal: AbortSignal,
): Promise<{ out: string; place: ResultPlace; bytes: Uint8Array } | undefined> {
  const { output } = context
  const draft = await layOut(path, draftOptions(values), rooms)
  tellLeftOut(draft, '--include-hidden', output)
  for (const warning of lints(values)) output.warn('likely-mistake', warning)

  const out = values.out ?? (await defaultOut(path, draft.name))
  const place = await findPlace(out)
  await assertOutside(place, path, draft)
  if (values.force !== true) assertFree(place)
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
  rooms: MakeRooms,
): Promise<void> {
  if (output.isJson)
    output.event({ type: 'made', infoHash: infoHashOf(metainfo), path: resolve(out), ...factsOf(metainfo) })
  const magnet = await rooms.toMagnet(metainfo)
  const picture = torrentPicture(metainfo, magnet, { paint: output.notePaint, maxLines: 20 })
  output.picture([...picture].join('\n'))
  output.result(printable(out))
}

function draftOptions(values: MakeValues): DraftOptions {
  return {
    name: values.name,
    version: values.format,
    pieceLength: values.pieceLength === 'auto' ? undefined : values.pieceLength,
    isPrivate: values.private ?? false,
    source: values.source,
    exclude: values.exclude ?? [],
    includeHidden: values.includeHidden ?? false,
    followSymlinks: values.followSymlinks ?? false,
    checksums: values.checksums,
    trackers: values.tracker ?? [],
    webSeeds: values.webSeed ?? [],
    comment: values.comment,
    ...signature(values, process.env),
  }
}

/** What is likely a mistake, with the flag that mends it. */
function lints({ private: isPrivate, tracker }: MakeValues): string[] {
  if (isPrivate && tracker === undefined) {
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
