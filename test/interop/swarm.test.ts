import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { many, peer, seed, swarm } from '../../src/sim/scenarios/hosts.js'
import { SwarmRun } from '../../src/sim/world/swarm-run.js'
import { sha256OfFile, writeRandomFile } from '../support/content.js'
import { infoOf } from '../support/info.js'
import { without } from '../support/partners.js'
import { freePort, listening } from '../support/ports.js'
import { trackerKnows } from '../support/scrape.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, type TorrentProcess, torrent } from '../support/torrent.js'
import { Libtorrent } from './peers/libtorrent.js'

const PIECES = 128
const PIECE_LENGTH = 128 * 1024
const BYTES = PIECES * PIECE_LENGTH
/** Bytes a second that each of them sends at the most, the seeder as well: no copy is faster than 32 s. */
const UPLOAD = 2 ** 19
/** Of either client. */
const LEECHERS = 10
const FORECASTS = 5
const WITHIN_MS = 240_000

/** As in a swarm each peer has an address of its own: all of 127.0.0.0/8 is this machine. */
const hostOf = (peer: number): string => `127.0.0.${peer + 2}`

const IS_SKIPPED = process.platform === 'linux' ? without('libtorrent') : 'needs all of 127.0.0.0/8'

/** A peer that downloads, and its last piece. */
interface Leecher extends AsyncDisposable {
  readonly client: string
  readonly file: string
  /** Seconds since it began. */
  readonly complete: Promise<number>
}

interface Published {
  readonly metainfo: string
  readonly tracker: string
  readonly folder: TempFolder
}

test('one super-seeding seeder and twenty leechers, half of them libtorrent', {
  skip: IS_SKIPPED,
}, async context => {
  await using folder = new TempFolder()
  const content = folder.join('data', 'content.bin')
  await writeRandomFile(content, BYTES, 7)
  const metainfo = folder.join('content.torrent')
  const port = await freePort()
  const tracker = `http://127.0.0.1:${port}/announce`
  const published = { metainfo, tracker, folder }
  await mustRun([
    ...['make', content, '-o', metainfo, '-t', tracker, '--format', 'v1'],
    ...['--piece-length', `${PIECE_LENGTH / 1024}KiB`],
  ])
  await using _tracker = torrent(['tracker', '-p', `${port}`, '--bind', '127.0.0.1'])
  await listening(port)
  await using seeder = limited(['seed', metainfo, '-d', folder.join('data'), '--super-seed'], hostOf(0))
  await seeder.waitFor('seeding')
  await trackerKnows(tracker, (await infoOf(metainfo)).infoHashV1 ?? '', 1)

  const leechers = await startAll(published)
  try {
    const seconds = await Promise.all(leechers.map(({ complete }) => complete))
    const digest = await sha256OfFile(content)
    for (const { file } of leechers) assert.equal(await sha256OfFile(file), digest)

    assert.equal((await seeder.stop()).code, 0)
    const copies = (seeder.last('stopped')?.uploaded ?? Number.NaN) / BYTES
    context.diagnostic(`the seeder sent ${copies.toFixed(2)} times the content`)
    context.diagnostic(`complete after ${spread(seconds)}`)
    for (const client of ['torrent', 'libtorrent']) {
      context.diagnostic(`- ${client}: ${spread(seconds.filter((_, i) => leechers[i]?.client === client))}`)
    }
    context.diagnostic(`forecast of the simulator: ${spread(forecast())}`)
    assert.ok(copies <= 1.5, `the seeder sent ${copies} times the content`)
  } finally {
    await Promise.all(leechers.map(leecher => leecher[Symbol.asyncDispose]()))
  }
})

async function startAll(published: Published): Promise<Leecher[]> {
  const starts = Array.from({ length: LEECHERS }, (_, i) => [
    startOurs(published, 1 + 2 * i),
    startLibtorrent(published, 2 + 2 * i),
  ])
  return await Promise.all(starts.flat())
}

async function startOurs({ metainfo, folder }: Published, number: number): Promise<Leecher> {
  const dir = folder.join(`got-${number}`)
  const began = performance.now()
  const process = limited(['get', metainfo, '-d', dir], hostOf(number))
  return {
    client: 'torrent',
    file: join(dir, 'content.bin'),
    complete: process
      .waitFor('complete', () => true, { withinMs: WITHIN_MS })
      .then(() => secondsSince(began)),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  }
}

async function startLibtorrent({ metainfo, folder }: Published, number: number): Promise<Leecher> {
  const dir = folder.join(`got-${number}`)
  const session = await Libtorrent.start({ host: hostOf(number), uploadLimit: UPLOAD })
  const began = performance.now()
  const added = await session.add({ torrent: metainfo, folder: dir })
  return {
    client: 'libtorrent',
    file: join(dir, 'content.bin'),
    complete: session.complete(added, WITHIN_MS).then(() => secondsSince(began)),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

function limited(args: readonly string[], host: string): TorrentProcess {
  return torrent([...args, '--json', '-p', '0', '--bind', host, '--limit-up', `${UPLOAD}`])
}

/** Seconds until each of as many peers is complete in virtual time, over several runs. */
function forecast(): number[] {
  const hosts = [
    seed({ uploadRate: UPLOAD, latencyMs: 0, upload: { superSeed: true } }),
    ...many(2 * LEECHERS, () => peer({ uploadRate: UPLOAD, downloadRate: 2 ** 27, latencyMs: 0 })),
  ]
  const size = { peers: 2 * LEECHERS, pieces: PIECES, pieceLength: PIECE_LENGTH, pick: 'random', degree: 50 }
  return Array.from({ length: FORECASTS }, (_, run) =>
    new SwarmRun(swarm({ ...size, pick: 'random' }, hosts), run + 1)
      .run()
      .hosts.filter(({ plan }) => !plan.isSeed)
      .map(({ durationMs = Number.NaN }) => durationMs / 1_000),
  ).flat()
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1_000
}

function spread(seconds: readonly number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b)
  const at = (part: number) => (sorted[Math.round(part * (sorted.length - 1))] ?? Number.NaN).toFixed(1)
  return `${at(0)} s (first), ${at(0.5)} s (median), ${at(1)} s (last)`
}
