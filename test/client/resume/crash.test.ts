import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { concatBytes, toUtf8 } from '../../../src/base/bytes.js'
import { SeededRandom } from '../../../src/base/random.js'
import { decodeResume, type ResumeState, reliablePieces } from '../../../src/client/resume/resume-state.js'
import { Session } from '../../../src/client/session.js'
import { Child } from '../../support/child.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { Watch } from '../support/watch.js'
import type { WriteRecord } from './support/write-recorder.js'

const RECORDER = new URL('./support/write-recorder.js', import.meta.url)
const DOWNLOAD = fileURLToPath(new URL('./support/recorded-download.js', import.meta.url))

/** What a disk writes back at a time. */
const PAGE = 4_096

const AFTER_A_CRASH = { type: 'id', id: 'another start of the machine' } as const

/** Crashes that are tried, besides one right after each time that the state was saved. */
const CRASHES = 150

const FILES = [
  { path: 'a/large', bytes: 700_000 },
  { path: 'a/small', bytes: 5_000 },
  { path: 'b/medium', bytes: 300_001 },
  { path: 'c', bytes: 80_000 },
]

const DOWNLOADS: { title: string; selected: readonly string[] }[] = [
  { title: 'a download', selected: [] },
  { title: 'a download of some files, with edges in the parts file', selected: ['a/small', 'c'] },
]

for (const { title, selected } of DOWNLOADS)
  describe(`a crash of the machine, ${title}`, async () => {
    let sample: SampleTorrent
    let records: WriteRecord[]

    before(async () => {
      sample = await SampleTorrent.make({ files: FILES, pieceLength: 16_384, version: 'v1' })
      records = await recordDownload(sample, selected)
    })
    after(async () => await sample[Symbol.asyncDispose]())

    test('at any moment of a download leaves no piece claimed that the disk does not have', t => {
      const seed = Number(process.env.TORRENT_TEST_SEED ?? Date.now() % 2 ** 32)
      t.diagnostic(`TORRENT_TEST_SEED=${seed}`)
      const random = new SeededRandom(seed)
      const cuts = new Set(records.flatMap((record, index) => (isStateSave(record) ? [index + 1] : [])))
      const wanted = Math.min(records.length, cuts.size + CRASHES)
      while (cuts.size < wanted) cuts.add(1 + random.below(records.length))

      let claims = 0
      let lost = 0
      for (const cut of cuts) {
        const before = records.slice(0, cut)
        const crash = new CrashedDisk(before, () => random.below(2) === 0)
        if (crash.state === undefined) continue
        const state = decodeResume(crash.state, sample.metainfo)
        assert.ok(typeof state !== 'string', String(state))
        const claimed = reliablePieces(state, AFTER_A_CRASH)
        for (const piece of claimed) {
          assert.ok(
            crash.holds(sample, state, piece),
            `crash after record ${cut}: piece ${piece} is not on the disk`,
          )
        }
        claims += claimed.count
        const written = new CrashedDisk(before, () => true)
        for (let piece = 0; piece < sample.metainfo.pieceCount; piece++) {
          if (written.holds(sample, state, piece) && !crash.holds(sample, state, piece)) lost++
        }
      }
      // Otherwise the state never claimed anything, or no crash lost anything, and nothing was shown.
      assert.ok(claims > 0, 'no state claimed a piece')
      assert.ok(lost > 0, 'no crash lost a piece that was written')
    })

    test('after a download with `sync` is complete loses nothing', () => {
      const last = records.findLastIndex(isStateSave)
      const crash = new CrashedDisk(records.slice(0, last + 1), () => false)
      const state = decodeResume(crash.state ?? new Uint8Array(0), sample.metainfo)
      assert.ok(typeof state !== 'string')
      const claimed = reliablePieces(state, AFTER_A_CRASH)
      for (const piece of piecesOf(sample, selected)) assert.ok(claimed.has(piece))
      for (const piece of claimed) assert.ok(crash.holds(sample, state, piece))
      assert.equal(state.parts.isEmpty, selected.length === 0)
    })
  })

/** The pieces of the files that are named: of all, where none is. */
function piecesOf({ map, metainfo }: SampleTorrent, selected: readonly string[]): number[] {
  const pieces: number[] = []
  for (let piece = 0; piece < metainfo.pieceCount; piece++) {
    const isWanted = map
      .slices(piece, 0, map.pieceLength)
      .some(({ entryIndex }) => selected.includes(metainfo.entries.at(entryIndex)?.path.join('/') ?? ''))
    if (isWanted || selected.length === 0) pieces.push(piece)
  }
  return pieces
}

/** All that a slow download writes, in order. */
async function recordDownload(sample: SampleTorrent, selected: readonly string[]): Promise<WriteRecord[]> {
  const torrent = sample.dir('sample.torrent')
  const log = sample.dir('writes.log')
  await writeFile(torrent, concatBytes([toUtf8('d4:info'), sample.metainfo.infoBytes, toUtf8('e')]))
  await using session = await Session.open({ port: 0, bind: '127.0.0.1' })
  const seeder = session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed', useTrackers: false })
  await new Watch(seeder).until('seeding')
  await using child = new Child(
    [
      process.execPath,
      '--import',
      RECORDER.href,
      DOWNLOAD,
      torrent,
      sample.dir('copy'),
      String(session.port),
      '400000',
      ...selected,
    ],
    { env: { XDG_STATE_HOME: sample.dir('copy-state'), TORRENT_WRITE_LOG: log } },
  )
  const { code } = await child.exit()
  assert.equal(code, 0, child.explain('the download failed'))
  const lines = (await readFile(log, 'utf8')).split('\n')
  return lines.filter(line => line !== '').map((line): WriteRecord => JSON.parse(line))
}

function isStateSave(record: WriteRecord): record is Extract<WriteRecord, { op: 'rename' }> {
  return record.op === 'rename' && record.path.endsWith('.resume')
}

interface Page {
  readonly path: string
  readonly offset: number
  readonly bytes: Uint8Array
}

/**
 * What is left after a crash: all that was synced, and of the rest some pages. The state is the last one that was saved,
 * which promises most.
 */
class CrashedDisk {
  readonly state: Uint8Array | undefined
  readonly #files = new Map<string, Uint8Array>()

  /** @param survives asked of each page that was written and not synced */
  constructor(records: readonly WriteRecord[], survives: () => boolean) {
    let state: Uint8Array | undefined
    let unsynced: { page: Page; at: number }[] = []
    const began = new Map<string, number>()
    for (const [at, record] of records.entries()) {
      switch (record.op) {
        case 'write':
          for (const page of pagesOf(record)) unsynced.push({ page, at })
          break
        case 'sync-begin':
          began.set(record.id, at)
          break
        case 'sync-end': {
          const before = began.get(record.id) ?? 0
          const isKept = (waiting: { page: Page; at: number }) =>
            waiting.page.path === record.path && waiting.at < before
          for (const waiting of unsynced) if (isKept(waiting)) this.#put(waiting.page)
          unsynced = unsynced.filter(waiting => !isKept(waiting))
          break
        }
        case 'rename':
          if (isStateSave(record)) state = Buffer.from(record.bytes, 'base64')
      }
    }
    for (const { page } of unsynced) if (survives()) this.#put(page)
    this.state = state
  }

  /** Whether the disk has a piece as it should be. */
  holds({ map, metainfo }: SampleTorrent, { parts }: ResumeState, piece: number): boolean {
    const bytes = new Uint8Array(map.pieceSize(piece))
    for (const { entryIndex, fileOffset, rangeOffset, length } of map.slices(piece, 0, bytes.length)) {
      const at = parts.place(piece * map.pieceLength + rangeOffset, length)
      const ownPath = join(basename(metainfo.name), ...(metainfo.entries.at(entryIndex)?.path ?? []))
      const path = at === undefined ? ownPath : '.parts'
      const file = [...this.#files].find(([name]) => name.endsWith(path))?.[1]
      const offset = at ?? fileOffset
      bytes.set(file?.subarray(offset, offset + length) ?? [], rangeOffset)
    }
    const sha1 = createHash('sha1').update(bytes).digest()
    return sha1.equals(metainfo.pieces?.subarray(piece * 20, piece * 20 + 20) ?? new Uint8Array(0))
  }

  #put({ path, offset, bytes }: Page): void {
    const file = this.#files.get(path) ?? new Uint8Array(2 ** 20)
    file.set(bytes, offset)
    this.#files.set(path, file)
  }
}

function* pagesOf({ path, offset, bytes }: Extract<WriteRecord, { op: 'write' }>): Generator<Page> {
  const all = Buffer.from(bytes, 'base64')
  for (let at = 0; at < all.length; ) {
    const end = Math.min(all.length, at + PAGE - ((offset + at) % PAGE))
    yield { path, offset: offset + at, bytes: all.subarray(at, end) }
    at = end
  }
}
