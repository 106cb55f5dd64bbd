import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Bitfield } from '../../../src/base/bitfield.js'
import { concatBytes, toUtf8 } from '../../../src/base/bytes.js'
import { inOneGo } from '../../../src/base/steps.js'
import { MISSING } from '../../../src/client/disk/file-stamp.js'
import { FileStamps } from '../../../src/client/disk/file-stamps.js'
import { PartExtents } from '../../../src/client/disk/part-extents.js'
import { currentBoot, isSameBoot } from '../../../src/client/resume/boot-mark.js'
import { loadResume, resumePath, saveResume } from '../../../src/client/resume/resume-file.js'
import {
  decodeResume,
  encodeResume,
  type ResumeState,
  reliablePieces,
} from '../../../src/client/resume/resume-state.js'
import { stateFolder } from '../../../src/client/resume/state-folder.js'
import { encodeBencode } from '../../../src/protocol/bencode/encode.js'
import type { Info } from '../../../src/protocol/metainfo/metainfo.js'
import { makeSample, testFolder } from '../disk/support.js'

// Pieces 0-1 are the first file's, 1-2 the second's.
const { layout } = makeSample({
  version: 'v1',
  pieceLength: 20_000,
  lengths: [30_000, 20_000, 0],
  hasPads: false,
  seed: 1,
})
const INFO: Info = {
  ...layout,
  infoHashV1: new Uint8Array(20).fill(0xab),
  infoHashV2: undefined,
  infoBytes: new Uint8Array(0),
  size: 50_000,
  pieces: new Uint8Array(60),
  isPrivate: false,
  source: undefined,
}

const NS = 1_700_000_000_000_000_123n
const STAMPS = FileStamps.of([
  { type: 'file', size: 30_000, mtimeNs: NS, ctimeNs: NS + 1n, inode: 2n ** 64n - 1n },
  { type: 'file', size: 20_000, mtimeNs: -1n, ctimeNs: 0n, inode: 0n },
  MISSING,
])

function stateOf(changes: Partial<ResumeState> = {}): ResumeState {
  return {
    pieces: Bitfield.full(3),
    stamps: STAMPS,
    parts: PartExtents.of([{ start: 30_000, length: 10_000, at: 5_000 }]),
    changedNames: new Map([
      ['a: b/c', 'a_ b'],
      ['x', 'y \n'],
    ]),
    uploaded: 5,
    downloaded: 6,
    seedingSeconds: 7,
    isCompletionHandled: true,
    isWholeVerified: true,
    selected: undefined,
    synced: new Bitfield(3),
    boot: { type: 'time', startedMs: 1_000 },
    verifiedAtMs: 2000,
    ...changes,
  }
}

describe('a resume state', () => {
  test('comes back as it was kept', async context => {
    const folder = testFolder(context)
    assert.deepEqual(await loadResume(INFO, '/downloads', folder), { type: 'none' })
    await saveResume(INFO, '/downloads', stateOf(), folder)
    assert.deepEqual(await loadResume(INFO, '/downloads', folder), { type: 'found', state: stateOf() })
    await saveResume(INFO, '/downloads', stateOf({ uploaded: 7, boot: { type: 'id', id: 'x' } }), folder)
    const loaded = await loadResume(INFO, '/downloads', folder)
    assert.ok(loaded.type === 'found')
    assert.equal(loaded.state.uploaded, 7)
    assert.deepEqual(loaded.state.boot, { type: 'id', id: 'x' })
    assert.equal(readdirSync(join(folder, 'resume')).length, 1, 'no temporary file is left')
    assert.deepEqual(await loadResume(INFO, '/elsewhere', folder), { type: 'none' })
  })

  test('that is damaged, too old, or of another torrent is ignored with a reason', async context => {
    const folder = testFolder(context)
    await saveResume(INFO, '/downloads', stateOf(), folder)
    const path = resumePath(INFO, '/downloads', folder)
    const whole = readFileSync(path)
    const load = async (bytes: Uint8Array): Promise<string> => {
      writeFileSync(path, bytes)
      const loaded = await loadResume(INFO, '/downloads', folder)
      return loaded.type === 'ignored' ? loaded.reason : loaded.type
    }
    assert.match(await load(whole.subarray(0, 20)), /\.resume: it is damaged: /)
    assert.match(await load(concatBytes([whole, toUtf8('\n')])), /\.resume: it is damaged: /)
    assert.match(await load(toUtf8('d7:versioni2e7:versioni2ee')), /\.resume: it is damaged: /)
    assert.match(await load(encodeBencode({ version: 3 })), /another version/)
    assert.match(
      await load(inOneGo(encodeResume(stateOf({ pieces: new Bitfield(30) })))),
      /another number of pieces/,
    )
    assert.match(
      await load(inOneGo(encodeResume(stateOf({ stamps: FileStamps.missing(0) })))),
      /another number of files/,
    )
  })

  test('of any bytes is either read or ignored', () => {
    const whole = inOneGo(encodeResume(stateOf()))
    fc.assert(
      fc.property(fc.nat(whole.length), fc.uint8Array({ maxLength: 4 }), (at, bytes) => {
        const damaged = Uint8Array.from(whole)
        damaged.set(bytes.subarray(0, whole.length - at), at)
        const decoded = decodeResume(damaged, layout)
        if (typeof decoded !== 'string') assert.ok(decoded.uploaded >= 0 && decoded.pieces.length === 3)
      }),
    )
  })

  test('of version 1, which had no ctime, keeps its pieces and counts, and no stamp to believe them by', () => {
    const old = encodeBencode({
      version: 1,
      pieces: Bitfield.full(3).bytes,
      'piece count': 3,
      files: [[30_000, 1_700_000_000_000_000], [20_000, 1], []],
      uploaded: 5,
      downloaded: 6,
      'whole verified': 1,
      settled: 1,
      'boot time': 1000,
    })
    const stamps = FileStamps.missing(3)
    const none = { parts: PartExtents.NONE, seedingSeconds: 0, isCompletionHandled: false, verifiedAtMs: 0 }
    assert.deepEqual(decodeResume(old, layout), stateOf({ stamps, changedNames: new Map(), ...none }))
  })

  test('that cannot be kept is an error', async context => {
    const folder = testFolder(context)
    writeFileSync(join(folder, 'resume'), 'a file where the folder must be')
    await assert.rejects(saveResume(INFO, '/downloads', stateOf(), folder), { name: 'DiskError' })
  })
})

test('after another start of the machine, only pieces that had been synced are reliable', () => {
  const synced = new Bitfield(3)
  synced.add(1)
  const state = stateOf({ synced, boot: { type: 'id', id: 'first' } })
  assert.deepEqual([...reliablePieces(state, { type: 'id', id: 'first' })], [0, 1, 2])
  assert.deepEqual([...reliablePieces(state, { type: 'id', id: 'second' })], [1])
  assert.deepEqual([...reliablePieces(state, { type: 'time', startedMs: 0 })], [1])
})

test('where the system has no boot id, two starts lie more than 5 s apart', () => {
  const at = (startedMs: number) => ({ type: 'time' as const, startedMs })
  assert.equal(isSameBoot(at(1_000_000), at(1_004_000)), true)
  assert.equal(isSameBoot(at(1_000_000), at(1_006_000)), false)
  assert.equal(isSameBoot(at(1_000_000), at(994_000)), false)
  assert.equal(isSameBoot(currentBoot(), currentBoot()), true)
})

test('state lies where the platform keeps it', { skip: process.platform === 'win32' }, () => {
  const home = '/home/ann'
  const cases: [Parameters<typeof stateFolder>[0], string][] = [
    [{ platform: 'linux', env: {}, home }, '/home/ann/.local/state/torrent'],
    [{ platform: 'linux', env: { XDG_STATE_HOME: '/var/ann' }, home }, '/var/ann/torrent'],
    [{ platform: 'linux', env: { XDG_STATE_HOME: 'relative' }, home }, '/home/ann/.local/state/torrent'],
    [{ platform: 'darwin', env: {}, home }, '/home/ann/Library/Application Support/torrent'],
    [{ platform: 'win32', env: { LOCALAPPDATA: '/ann/local' }, home }, '/ann/local/torrent'],
  ]
  for (const [surroundings, folder] of cases) assert.equal(stateFolder(surroundings), folder)
})
