import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Bitfield } from '../../src/base/bitfield.js'
import { checkContent } from '../../src/client/check-content.js'
import { stampOf } from '../../src/client/disk/file-stamp.js'
import { FileStamps } from '../../src/client/disk/file-stamps.js'
import { PartExtents } from '../../src/client/disk/part-extents.js'
import { currentBoot } from '../../src/client/resume/boot-mark.js'
import { NO_HISTORY } from '../../src/client/resume/history.js'
import { saveResume } from '../../src/client/resume/resume-file.js'
import type { Metainfo, TorrentVersion } from '../../src/protocol/metainfo/metainfo.js'
import { parseMetainfo } from '../../src/protocol/metainfo/parse.js'
import { contentOf, digests, makeTorrent } from '../protocol/metainfo/making.js'
import { testFolder } from './disk/support.js'

const PIECE = 16_384

interface Setup {
  readonly version: TorrentVersion
  /** Bytes of `a`, `b` and so on. */
  readonly lengths: readonly number[]
  readonly withSha256?: boolean
}

/** A torrent whose files lie in a folder, and the way to ask how they are. */
async function setUp(context: TestContext, { version, lengths, withSha256 = false }: Setup) {
  const dir = testFolder(context)
  const files = lengths.map((length, index) => ({
    path: ['abc'.charAt(index)],
    bytes: contentOf(length, index + 1),
  }))
  for (const { path, bytes } of files) {
    const place = join(dir, 'content', ...path)
    await mkdir(dirname(place), { recursive: true })
    await writeFile(place, bytes)
  }
  const metainfo = parseMetainfo(makeTorrent(files, { version, pieceLength: PIECE, withSha256 }), digests)
  const states = async (changes: Partial<Metainfo> = {}) => {
    const options = { signal: new AbortController().signal, onProgress() {} }
    const report = await checkContent({ ...metainfo, ...changes }, dir, options)
    return report.files.map(({ state }) => state)
  }
  const remedy = async () => {
    const options = { signal: new AbortController().signal, onProgress() {} }
    return (await checkContent(metainfo, dir, options)).remedy
  }
  return { dir, pathOf: (name: string) => join(dir, 'content', name), states, remedy, metainfo }
}

/** Changes one byte. */
function spoil(path: string, length: number, at: number): void {
  const bytes = contentOf(length, 'abc'.indexOf(path.charAt(path.length - 1)) + 1)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

// Piece 0 is all of `a` and the beginning of `b`, piece 1 the rest of `b` and all of `c`.
const SHARED = [10_000, 15_000, 7_000]

test('what is as the torrent says is ok, in every version', async context => {
  for (const version of ['v1', 'v2', 'hybrid'] as const) {
    const { states } = await setUp(context, { version, lengths: [...SHARED.slice(0, 2), 50_000] })
    assert.deepEqual(await states(), ['ok', 'ok', 'ok'])
  }
})

test('each way to be wrong has its name', async context => {
  const { states, pathOf } = await setUp(context, { version: 'v2', lengths: [50_000, 20_000, 20_000] })
  spoil(pathOf('a'), 50_000, 40_000)
  rmSync(pathOf('b'))
  truncateSync(pathOf('c'), 19_999)
  assert.deepEqual(await states(), ['damaged', 'missing', 'too-short'])
})

test('the neighbours of a file that is missing are cleared by their SHA-256, where it is stated', async context => {
  const stated = await setUp(context, { version: 'v1', lengths: SHARED, withSha256: true })
  rmSync(stated.pathOf('c'))
  assert.deepEqual(await stated.states(), ['ok', 'ok', 'missing'])

  const silent = await setUp(context, { version: 'v1', lengths: SHARED })
  rmSync(silent.pathOf('c'))
  assert.deepEqual(await silent.states(), ['ok', 'damaged', 'missing'])
})

test('the SHA-256 tells which file of a bad piece is the damaged one', async context => {
  const { states, pathOf } = await setUp(context, { version: 'v1', lengths: SHARED, withSha256: true })
  spoil(pathOf('b'), 15_000, 3)
  assert.deepEqual(await states(), ['ok', 'damaged', 'ok'])
})

test('a bad piece of nothing but whole files clears none of them', async context => {
  const { states, metainfo } = await setUp(context, { version: 'v1', lengths: SHARED, withSha256: true })
  const pieces = metainfo.pieces?.map((byte, at) => (at < 20 ? byte ^ 1 : byte))
  assert.deepEqual(await states({ pieces }), ['damaged', 'damaged', 'ok'])
})

test('a torrent without piece layers can be checked, file by file', async context => {
  for (const version of ['v2', 'hybrid'] as const) {
    const { states, pathOf } = await setUp(context, { version, lengths: [50_000, 40_000, 9] })
    const pieceLayers = new Map<string, Uint8Array>()
    assert.deepEqual(await states({ pieceLayers }), ['ok', 'ok', 'ok'])
    spoil(pathOf('b'), 40_000, 39_999)
    assert.deepEqual(await states({ pieceLayers }), ['ok', 'damaged', 'ok'])
  }
})

test("what makes it right: a download, one that may cut files, or to move away what is not the torrent's", async context => {
  const { pathOf, remedy } = await setUp(context, { version: 'v2', lengths: [50_000, 20_000, 20_000] })
  const GET = { moveAway: [], truncate: false, recheck: false }
  spoil(pathOf('a'), 50_000, 1)
  assert.deepEqual(await remedy(), GET)
  writeFileSync(pathOf('b'), 'more', { flag: 'a' })
  assert.deepEqual(await remedy(), { ...GET, truncate: true })
  writeFileSync(pathOf('c'), Buffer.alloc(30_000, 1))
  assert.deepEqual(await remedy(), { ...GET, moveAway: [pathOf('c')], truncate: true })
  for (const name of ['a', 'b', 'c']) writeFileSync(pathOf(name), Buffer.alloc(10, 1))
  assert.deepEqual(await remedy(), { ...GET, moveAway: [pathOf('a'), pathOf('b'), pathOf('c')] })
  for (const name of ['a', 'b', 'c']) writeFileSync(pathOf(name), Buffer.alloc(20_000))
  rmSync(pathOf('a'))
  assert.deepEqual(await remedy(), GET)
})

test('a file with other content is moved away where all of its pieces need a file that is missing', async context => {
  const { pathOf, remedy } = await setUp(context, { version: 'v1', lengths: [10_000, 5_000] })
  rmSync(pathOf('a'))
  writeFileSync(pathOf('b'), Buffer.alloc(5_000, 1))
  assert.deepEqual((await remedy()).moveAway, [pathOf('b')])
})

test('what is in the place of a file is moved away, and what is right only through a symlink, too', async context => {
  const { pathOf, states, remedy } = await setUp(context, {
    version: 'v2',
    lengths: [50_000, 20_000, 20_000],
  })
  renameSync(pathOf('a'), pathOf('elsewhere'))
  symlinkSync('elsewhere', pathOf('a'))
  assert.deepEqual(await states(), ['ok', 'ok', 'ok'])
  assert.deepEqual((await remedy()).moveAway, [])
  rmSync(pathOf('b'))
  mkdirSync(pathOf('b'))
  assert.deepEqual(await states(), ['ok', 'blocked', 'ok'])
  assert.deepEqual((await remedy()).moveAway, [pathOf('a'), pathOf('b')])
  // Without the symlink nothing of the torrent is left, and a download takes the last file for another's.
  writeFileSync(pathOf('c'), Buffer.alloc(20_000, 1))
  assert.deepEqual((await remedy()).moveAway, [pathOf('a'), pathOf('b'), pathOf('c')])
  rmSync(pathOf('a'))
  symlinkSync('a', pathOf('a'))
  assert.deepEqual(await states(), ['blocked', 'blocked', 'damaged'])
})

test('a folder of the torrent that is a symlink or a file blocks all that is in it', async context => {
  const { pathOf, states, remedy } = await setUp(context, { version: 'v2', lengths: [50_000, 20_000] })
  const folder = dirname(pathOf('a'))
  rmSync(pathOf('b'))
  renameSync(folder, `${folder} elsewhere`)
  symlinkSync(`${folder} elsewhere`, folder)
  assert.deepEqual(await states(), ['ok', 'blocked'])
  assert.deepEqual((await remedy()).moveAway, [folder])
  rmSync(folder)
  writeFileSync(folder, '')
  assert.deepEqual(await states(), ['blocked', 'blocked'])
  assert.deepEqual((await remedy()).moveAway, [folder])
})

test('where the saved state says that a damaged piece is right, the download has to look', async context => {
  const state = testFolder(context)
  const { XDG_STATE_HOME } = process.env
  process.env.XDG_STATE_HOME = state
  context.after(() => {
    if (XDG_STATE_HOME === undefined) delete process.env.XDG_STATE_HOME
    else process.env.XDG_STATE_HOME = XDG_STATE_HOME
  })
  const { dir, metainfo, pathOf, remedy } = await setUp(context, { version: 'v2', lengths: [50_000] })
  spoil(pathOf('a'), 50_000, 1)
  // As where the disk itself changed the file: the file system tells of nothing.
  const stats = statSync(pathOf('a'), { bigint: true })
  const pieces = Bitfield.full(metainfo.pieceCount)
  await saveResume(metainfo, dir, {
    pieces,
    synced: pieces,
    boot: currentBoot(),
    stamps: FileStamps.of([stampOf(stats, { inodesLast: true, areInstant: true })]),
    parts: PartExtents.NONE,
    changedNames: new Map(),
    ...NO_HISTORY,
    isWholeVerified: true,
    selected: undefined,
    verifiedAtMs: 1,
  })
  assert.equal((await remedy()).recheck, true)
  spoil(pathOf('a'), 50_000, 2)
  assert.equal((await remedy()).recheck, false)
})
