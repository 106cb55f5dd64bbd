// `npm run bench -- [--case get|seed|both] [--format v1] [--size 1GiB] [--rounds 5] [--folder <path>] [--json]`
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { Libtorrent } from '../interop/peers/libtorrent.js'
import { sha256OfFile, writeRandomFile } from '../support/content.js'
import { hasPartner } from '../support/partners.js'
import { TempFolder } from '../support/temp-folder.js'
import { type BenchCase, FORMATS, type Format } from './bench-case.js'
import { casesOf, FILE } from './cases.js'
import { LIBTORRENT, OURS, type Published } from './clients.js'
import { describeMachine } from './machine.js'
import { mediansOf, type Results, ratiosOf, tableOf } from './report.js'

const PIECE_LENGTH = 2 ** 20

interface Options {
  readonly cases: readonly BenchCase[]
  /** Bytes of the content. */
  readonly size: number
  readonly rounds: number
  /** Where content and downloads are written: what is measured is this disk, too. */
  readonly folder: string
  readonly isJson: boolean
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      case: { type: 'string' },
      format: { type: 'string' },
      size: { type: 'string', default: '1GiB' },
      rounds: { type: 'string', default: '5' },
      folder: { type: 'string', default: tmpdir() },
      json: { type: 'boolean', default: false },
    },
  })
  const cases = casesOf(values.case, values.format === undefined ? undefined : parseFormat(values.format))
  if (cases.length === 0) throw new Error('--case: get, seed or both, and not all of them for each --format')
  const rounds = Number(values.rounds)
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`--rounds: not a count: ${values.rounds}`)
  return { cases, size: parseBytes(values.size), rounds, folder: values.folder, isJson: values.json }
}

function parseBytes(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)(KiB|MiB|GiB)$/.exec(text) ?? []
  const power = ['KiB', 'MiB', 'GiB'].indexOf(unit) + 1
  if (power === 0) throw new Error(`--size: not like 64MiB or 1GiB: ${text}`)
  return Number(count) * 1024 ** power
}

function parseFormat(text: string): Format {
  const format = FORMATS.find(known => known === text)
  if (format === undefined) throw new Error(`--format: one of ${FORMATS.join(', ')}: ${text}`)
  return format
}

/** One file, and a torrent of it in each format that a case needs. */
async function publish({ cases, size }: Options, folder: TempFolder): Promise<Map<Format, Published>> {
  const data = folder.join('data')
  const path = folder.join('data', FILE)
  await writeRandomFile(path, size, 1)
  const sha256 = await sha256OfFile(path)
  const published = new Map<Format, Published>()
  await using libtorrent = await Libtorrent.start()
  for (const format of new Set(cases.map(bench => bench.format))) {
    const metainfo = folder.join(`${format}.torrent`)
    await libtorrent.make({ path, out: metainfo, format, pieceLength: PIECE_LENGTH })
    published.set(format, { metainfo, data, sha256, folder })
  }
  return published
}

/** Both clients by turns, so that what else the machine does hits both; each round begins with the other one. */
async function runCase(bench: BenchCase, published: Published, rounds: number): Promise<Results> {
  const results: Results = { torrent: [], libtorrent: [] }
  for (let round = 0; round < rounds; round++) {
    for (const client of round % 2 === 0 ? [OURS, LIBTORRENT] : [LIBTORRENT, OURS]) {
      const sample = await bench.run(client, published)
      results[client.name].push(sample)
      const figures = `${(sample.wallMs / 1000).toFixed(2)} s, CPU ${(sample.cpuMs / 1000).toFixed(2)} s`
      console.error(`${bench.name} ${bench.format}, ${round + 1} of ${rounds}: ${client.name} ${figures}`)
    }
  }
  return results
}

async function main(): Promise<void> {
  const options = readOptions()
  const { cases, size, rounds, isJson } = options
  if (!hasPartner('libtorrent'))
    throw new Error('what it compares with is not here: install python3-libtorrent')
  const machine = describeMachine()
  await using folder = new TempFolder(options.folder)
  const published = await publish(options, folder)
  const written: object[] = []
  if (!isJson) {
    const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
    console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.system}; ${versions.join(', ')}`)
    console.log(`One file of ${size / 2 ** 20} MiB, pieces of 1 MiB; medians of ${rounds} rounds`)
  }
  for (const bench of cases) {
    const { name, format, title } = bench
    const torrent = published.get(format)
    if (torrent === undefined) continue
    const results = await runCase(bench, torrent, rounds)
    if (!isJson) console.log(`\n${name} ${format}: ${title}\n${tableOf(results, size)}`)
    written.push({
      case: name,
      format,
      torrent: mediansOf(results.torrent),
      libtorrent: mediansOf(results.libtorrent),
      ratios: ratiosOf(results),
      samples: results,
    })
  }
  if (isJson) console.log(JSON.stringify({ machine, size, rounds, cases: written }, undefined, 2))
}

await main()
