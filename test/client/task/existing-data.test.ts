import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Bitfield } from '../../../src/base/bitfield.js'
import { type FileStamp, isSameFile, MISSING } from '../../../src/client/disk/file-stamp.js'
import { FileStamps } from '../../../src/client/disk/file-stamps.js'
import type { PieceState } from '../../../src/client/disk/messages.js'
import { PartExtents } from '../../../src/client/disk/part-extents.js'
import { type EarlierState, findExisting } from '../../../src/client/task/existing-data.js'
import { Selection } from '../../../src/engine/pick/selection.js'
import type { Metainfo } from '../../../src/protocol/metainfo/metainfo.js'
import { parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
import { PieceHashes } from '../../../src/protocol/metainfo/piece-hashes.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { contentOf, digests, makeTorrent } from '../../protocol/metainfo/making.js'

const GOOD = new Uint8Array(20).fill(1)
const BAD = new Uint8Array(20).fill(2)

/** Four pieces of ten bytes: 0-1 in `a`, 1-2 in `b`, 3 in `c`. */
const metainfo: Metainfo = {
  version: 'v1',
  infoHashV1: new Uint8Array(20),
  infoHashV2: undefined,
  infoBytes: new Uint8Array(),
  name: 'folder',
  isFolder: true,
  pieceLength: 10,
  pieceCount: 4,
  entries: [
    { name: 'a', length: 15, offset: 0 },
    { name: 'b', length: 15, offset: 15 },
    { name: 'c', length: 10, offset: 30 },
  ].map(({ name, length, offset }) => ({
    type: 'file',
    path: [name],
    length,
    offset,
    isExecutable: false,
    sha256: undefined,
    piecesRoot: undefined,
  })),
  size: 40,
  pieces: Uint8Array.from({ length: 80 }, () => 1),
  isPrivate: false,
  source: undefined,
  trackers: [],
  webSeeds: [],
  nodes: [],
  comment: undefined,
  createdBy: undefined,
  creationDate: undefined,
  pieceLayers: new Map(),
  warnings: [],
  oddities: [],
}

const file = (size: number, time = 1n): FileStamp => ({
  type: 'file',
  size,
  mtimeNs: time,
  ctimeNs: time,
  inode: 1n,
})
const none = MISSING

interface Setup {
  stamps: FileStamp[]
  /** What lies on the disk, by piece. */
  content?: ('good' | 'bad' | 'zeros' | 'missing')[]
  /** `synced`: what the disk had for sure before the machine crashed; without it, the machine did not crash. */
  earlier?: { have: number[]; stamps: FileStamp[]; synced?: number[] }
  how?: 'resume' | 'recheck' | 'trust'
  isForWriting?: boolean
  truncate?: boolean
  selection?: Selection
}

function setOf(pieces: readonly number[]): Bitfield {
  const set = new Bitfield(4)
  for (const piece of pieces) set.add(piece)
  return set
}

/** What is found, and which pieces had to be hashed for it. */
async function find({
  stamps,
  content = [],
  earlier,
  how = 'resume',
  isForWriting = true,
  truncate = false,
  selection = Selection.all(metainfo),
}: Setup) {
  const hashed: number[] = []
  const have = setOf(earlier?.have ?? [])
  const cut: number[] = []
  const known: EarlierState | undefined = earlier && {
    have,
    reliable: earlier.synced === undefined ? have : setOf(earlier.synced),
    isUnchanged: (index, stamp) => isSameFile(earlier.stamps[index], stamp),
  }
  const found = await findExisting({
    storage: {
      files: {
        survey: async () => FileStamps.of(stamps),
        truncate: async entryIndices => void cut.push(...entryIndices),
      },
      parts: { extents: PartExtents.NONE },
      pathOf: index => `/dir/folder/${'abc'[index]}`,
      hashPieces: async (first, last, { onPiece }) => {
        for (let piece = first; piece <= last; piece++) {
          hashed.push(piece)
          const what = content[piece] ?? 'missing'
          const state: PieceState = what === 'good' || what === 'bad' ? 'data' : what
          const sha1 = what === 'missing' ? undefined : what === 'good' ? GOOD : BAD
          onPiece(piece, { state, sha1, root: undefined })
        }
      },
    },
    metainfo,
    selection,
    map: new PieceMap(metainfo),
    hashes: new PieceHashes(metainfo, new Map()),
    earlier: known,
    how,
    isForWriting,
    truncate,
    signal: new AbortController().signal,
    onChecked: () => {},
    onBelieved: () => {},
  })
  return truncate ? { have: [...found], hashed, cut } : { have: [...found], hashed }
}

test('where nothing lies, nothing is looked at', async () => {
  assert.deepEqual(await find({ stamps: [none, none, none] }), { have: [], hashed: [] })
})

test('without a memory, every piece whose files are all there is hashed', async () => {
  const setup: Setup = { stamps: [file(15), none, file(10)], content: ['good', 'good', 'good', 'bad'] }
  assert.deepEqual(await find(setup), { have: [0], hashed: [0, 3] })
})

test('files that are as they were are believed: what was there is there, what was missing is missing', async () => {
  const stamps = [file(15), file(15), file(10)]
  const setup: Setup = { stamps, earlier: { have: [0, 3], stamps } }
  assert.deepEqual(await find(setup), { have: [0, 3], hashed: [] })
})

test('after a crash of the machine, pieces that had not been synced are hashed, though their files look as they did', async () => {
  const stamps = [file(15), file(15), file(10)]
  const setup: Setup = {
    stamps,
    content: ['bad', 'good', 'bad', 'good'],
    earlier: { have: [0, 1, 3], stamps, synced: [0] },
  }
  assert.deepEqual(await find(setup), { have: [0, 1, 3], hashed: [1, 3] })
})

test('pieces of a file that has changed are hashed, those of the others believed', async () => {
  const setup: Setup = {
    stamps: [file(15), file(15, 2n), file(10)],
    content: ['good', 'good', 'bad', 'good'],
    earlier: { have: [0, 1, 2], stamps: [file(15), file(15, 1n), file(10)] },
  }
  assert.deepEqual(await find(setup), { have: [0, 1], hashed: [1, 2] })
})

test('pieces of a file that has gone are gone', async () => {
  const setup: Setup = {
    stamps: [file(15), none, file(10)],
    earlier: { have: [0, 1, 2, 3], stamps: [file(15), file(15), file(10)] },
  }
  assert.deepEqual(await find(setup), { have: [0, 3], hashed: [] })
})

test('a recheck believes nothing', async () => {
  const stamps = [file(15), file(15), file(10)]
  const setup: Setup = {
    stamps,
    content: ['good', 'bad', 'good', 'good'],
    earlier: { have: [0, 1], stamps },
    how: 'recheck',
  }
  assert.deepEqual(await find(setup), { have: [0, 2, 3], hashed: [0, 1, 2, 3] })
})

test("a file that is somebody else's is in the way where it is selected, and only there", async () => {
  const stamps = [none, file(15), none]
  const selection = (wanted: number) => Selection.of(metainfo, index => (index === wanted ? 4 : 0))
  await assert.rejects(find({ stamps, selection: selection(1) }), { code: 'exists' })
  for (const wanted of [0, 2])
    assert.deepEqual((await find({ stamps, selection: selection(wanted) })).have, [])
})

test('trust takes files of the right size as they are, and looks where one is not', async () => {
  assert.deepEqual(await find({ stamps: [file(15), file(15), file(10)], how: 'trust' }), {
    have: [0, 1, 2, 3],
    hashed: [],
  })
  const short: Setup = {
    stamps: [file(15), file(15), file(9)],
    content: ['good', 'good', 'good', 'missing'],
    how: 'trust',
  }
  assert.deepEqual((await find(short)).have, [0, 1, 2])
})

const FOREIGN: [title: string, setup: Setup][] = [
  ['other content of the same size', { stamps: [file(15), none, none], content: ['bad'] }],
  ['other content that is shorter', { stamps: [file(3), none, none], content: ['missing'] }],
  [
    'a file that is longer than the torrent says',
    { stamps: [file(16), file(15), file(10)], content: ['good'] },
  ],
  ['other content where no piece can be judged', { stamps: [none, file(15), none] }],
]

for (const [title, setup] of FOREIGN) {
  test(`somebody else's file is left alone: ${title}`, async () => {
    await assert.rejects(find(setup), { name: 'DiskError', code: 'exists' })
    await find({ ...setup, isForWriting: false })
  })
}

describe('a file that is longer than the torrent says', () => {
  const stamps = [file(16), file(15), file(10)]

  test('is an error that names --truncate', async () => {
    await assert.rejects(find({ stamps, content: ['good', 'good', 'good', 'good'] }), {
      code: 'exists',
      message: /a is longer than in this torrent: --truncate cuts it/,
    })
  })

  test('is cut where one of its pieces is right', async () => {
    const setup: Setup = { stamps, content: ['good', 'bad', 'bad', 'bad'], truncate: true }
    assert.deepEqual(await find(setup), { have: [0], hashed: [0, 1, 2, 3], cut: [0] })
  })

  test('is left alone where nothing in it is right, though other files of the torrent are, and so are all others', async () => {
    const both = [file(16), file(15), file(11)]
    const setup: Setup = { stamps: both, content: ['bad', 'bad', 'bad', 'good'], truncate: true }
    await assert.rejects(find(setup), {
      code: 'exists',
      message: /a is longer than in this torrent, and nothing in it is the torrent's: move it away/,
    })
  })

  test('is of no concern to a torrent that is only read', async () => {
    const setup: Setup = { stamps, content: ['good', 'good', 'good', 'good'], isForWriting: false }
    assert.deepEqual((await find(setup)).have, [0, 1, 2, 3])
  })
})

const OURS: [title: string, setup: Setup, have: number[]][] = [
  ['one piece is right', { stamps: [file(15), file(15), none], content: ['bad', 'good', 'bad'] }, [1]],
  [
    'nothing but zeros, as another client lays files out',
    { stamps: [file(15), file(15), file(10)], content: ['zeros', 'zeros', 'zeros', 'zeros'] },
    [],
  ],
  ['empty files', { stamps: [file(0), none, none], content: ['missing'] }, []],
  [
    'remembered, though no piece is whole yet',
    {
      stamps: [file(15, 2n), none, none],
      content: ['bad'],
      earlier: { have: [], stamps: [file(15), none, none] },
    },
    [],
  ],
]

for (const [title, setup, have] of OURS) {
  test(`files of this torrent are gone on with: ${title}`, async () => {
    assert.deepEqual((await find(setup)).have, have)
  })
}

describe('a torrent that came without piece layers', () => {
  const BLOCK = 16_384
  // Pieces 0 to 2 are the first file's, 3 and 4 the second's, 5 the third's.
  const files = [contentOf(3 * BLOCK), contentOf(2 * BLOCK, 2), contentOf(9, 3)].map((bytes, at) => ({
    path: ['abc'.charAt(at)],
    bytes,
  }))
  const complete = parseMetainfo(makeTorrent(files, { version: 'v2', pieceLength: BLOCK }), digests)
  const lacking: Metainfo = { ...complete, pieceLayers: new Map() }
  const map = new PieceMap(lacking)
  const stamps = files.map(({ bytes }) => file(bytes.length))

  async function look(bad: readonly number[], earlier?: EarlierState) {
    const hashed: number[] = []
    const hashes = new PieceHashes(lacking, new Map())
    const have = await findExisting({
      storage: {
        files: { survey: async () => FileStamps.of(stamps), truncate: async () => {} },
        parts: { extents: PartExtents.NONE },
        pathOf: index => `/dir/content/${'abc'[index]}`,
        hashPieces: async (first, last, { onPiece }) => {
          for (let piece = first; piece <= last; piece++) {
            hashed.push(piece)
            const [slice] = map.slices(piece, 0, BLOCK)
            const bytes = files[slice?.entryIndex ?? 0]?.bytes ?? new Uint8Array(0)
            const leaf = bytes.subarray(slice?.fileOffset, (slice?.fileOffset ?? 0) + BLOCK)
            const root = bad.includes(piece) ? new Uint8Array(32) : digests.sha256(leaf)
            onPiece(piece, { state: 'data', sha1: undefined, root })
          }
        },
      },
      metainfo: lacking,
      selection: Selection.all(lacking),
      map,
      hashes,
      earlier,
      how: 'resume',
      isForWriting: false,
      truncate: false,
      signal: new AbortController().signal,
      onChecked: () => {},
      onBelieved: () => {},
    })
    return { have: [...have], hashed, layers: hashes.layers.size }
  }

  test('has the files that are whole, and their layers from now on', async () => {
    assert.deepEqual(await look([]), { have: [0, 1, 2, 3, 4, 5], hashed: [0, 1, 2, 3, 4, 5], layers: 2 })
    assert.deepEqual(await look([1]), { have: [3, 4, 5], hashed: [0, 1, 2, 3, 4, 5], layers: 1 })
  })

  test('believes an earlier session, but hashes whole files again for their layers', async () => {
    const have = new Bitfield(6)
    for (const piece of [0, 2, 3, 4, 5]) have.add(piece)
    const found = await look([], { have, reliable: have, isUnchanged: () => true })
    assert.deepEqual(found, { have: [0, 2, 3, 4, 5], hashed: [3, 4], layers: 1 })
  })
})
