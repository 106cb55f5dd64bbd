// What the tests of the disk share: random torrents with their content, and their digests computed in the
// plainest way.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { SeededRandom, shuffle } from '../../../src/base/random.js'
import type { DiskError } from '../../../src/client/disk/disk-error.js'
import type { DiskPool } from '../../../src/client/disk/disk-pool.js'
import { indexed, pathOfEntry, type StorageLayout } from '../../../src/client/disk/layout.js'
import { NO_ROOM, NOT_NEEDED } from '../../../src/client/disk/receiving/intake.js'
import type { Storage, StorageListener } from '../../../src/client/disk/storage.js'
import type { ContentEntry, Info, TorrentVersion } from '../../../src/protocol/metainfo/metainfo.js'
import type { PieceDigests } from '../../../src/protocol/metainfo/piece-hashes.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'

export const BLOCK = 16_384

/** Every file is selected. */
export const ALL = { selected: undefined }

/** Files in pieces. */
export interface SampleLayout {
  readonly layout: StorageLayout & Pick<Info, 'entries'>
  readonly map: PieceMap
}

/** A torrent with its content. */
export interface Sample extends SampleLayout {
  /** The space of all pieces, zeros where there is no file. */
  readonly space: Uint8Array
}

export interface SampleShape {
  readonly version: TorrentVersion
  readonly pieceLength: number
  readonly lengths: readonly number[]
  /** Hybrid: whether there is a pad behind the last file too; v1: whether there are pads at all. */
  readonly hasPads: boolean
  readonly seed: number
}

export function makeSample(shape: SampleShape): Sample {
  const sample = makeLayout(shape)
  return { ...sample, space: fill(sample.layout, shape.seed) }
}

export function makeLayout(shape: Omit<SampleShape, 'seed'>): SampleLayout {
  const { version, pieceLength, lengths, hasPads } = shape
  const entries: ContentEntry[] = []
  let offset = 0
  lengths.forEach((length, index) => {
    const path = index % 3 === 0 ? [`file ${index}`] : [`folder ${index % 2}`, `file ${index}`]
    entries.push({
      type: 'file',
      path,
      length,
      offset,
      isExecutable: false,
      sha256: undefined,
      piecesRoot: undefined,
    })
    offset += length
    const gap = (pieceLength - (offset % pieceLength)) % pieceLength
    const isLast = index === lengths.length - 1
    if (version === 'v2') offset += gap
    else if (gap > 0 && (version === 'hybrid' ? !isLast || hasPads : hasPads)) {
      entries.push({ type: 'pad', path: ['.pad', `${index}`], length: gap, offset })
      offset += gap
    }
  })
  const pieceCount = Math.ceil(offset / pieceLength)
  const layout = { version, name: 'content', isFolder: true, pieceLength, pieceCount, entries }
  return { layout, map: new PieceMap(layout) }
}

function fill(layout: Sample['layout'], seed: number): Uint8Array {
  const space = new Uint8Array(layout.pieceCount * layout.pieceLength)
  const words = new Uint32Array(1024)
  const random = new SeededRandom(seed)
  for (let i = 0; i < words.length; i++) words[i] = random.below(2 ** 32)
  const noise = new Uint8Array(words.buffer)
  for (const entry of layout.entries) {
    if (entry.type !== 'file') continue
    for (let at = 0; at < entry.length; at += noise.length - 5) {
      space.set(noise.subarray(0, Math.min(noise.length - 5, entry.length - at)), entry.offset + at)
    }
  }
  return space
}

export const sampleShapes: fc.Arbitrary<SampleShape> = fc
  .constantFrom<TorrentVersion>('v1', 'v2', 'hybrid')
  .chain(version =>
    fc.record({
      version: fc.constant(version),
      pieceLength:
        version === 'v1'
          ? fc.constantFrom(16_384, 20_000, 65_536, 300_001, 2 ** 20)
          : fc.constantFrom(16_384, 32_768, 2 ** 18, 2 ** 19, 2 ** 21),
      lengths: fc.array(
        fc.oneof(
          fc.constantFrom(0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 ** 18, 2 ** 20),
          fc.nat(50),
          fc.nat(100_000),
          fc.nat(1_500_000),
        ),
        { minLength: 1, maxLength: 12 },
      ),
      hasPads: fc.boolean(),
      seed: fc.nat(),
    }),
  )

/** What peers call the piece. */
export function wireBytes({ map, space }: Sample, piece: number): Uint8Array {
  const start = piece * map.pieceLength
  return space.subarray(start, start + map.pieceSize(piece))
}

/** A block as a peer is sent it (BEP 3). */
export function blockMessage(piece: number, offset: number, bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(9 + bytes.length)
  header[4] = 7
  header.writeUInt32BE(piece, 5)
  header.writeUInt32BE(offset, 9)
  return new Uint8Array(Buffer.concat([header, bytes]))
}

export function expectedHashes(sample: Sample, piece: number): PieceDigests {
  const { layout, map } = sample
  const bytes = wireBytes(sample, piece)
  const file = map.fileOfPiece(piece)
  const leaves: Buffer[] = []
  for (let at = 0; at < map.dataSize(piece); at += BLOCK) {
    leaves.push(sha256(bytes.subarray(at, Math.min(at + BLOCK, map.dataSize(piece)))))
  }
  const width = (file?.length ?? 0) > map.pieceLength ? map.pieceLength / BLOCK : leaves.length
  while (leaves.length < width || !Number.isInteger(Math.log2(leaves.length))) leaves.push(Buffer.alloc(32))
  return {
    sha1: layout.version === 'v2' ? undefined : new Uint8Array(createHash('sha1').update(bytes).digest()),
    root: layout.version === 'v1' ? undefined : new Uint8Array(rootOf(leaves)),
  }
}

function rootOf(nodes: Buffer[]): Buffer {
  if (nodes.length <= 1) return nodes[0] ?? Buffer.alloc(32)
  const parents: Buffer[] = []
  for (let i = 0; i < nodes.length; i += 2) parents.push(sha256(Buffer.concat(nodes.slice(i, i + 2))))
  return rootOf(parents)
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** A folder of the test's own, gone when it ends. */
export function testFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'torrent-disk-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes the files of a sample. */
export function writeContent(sample: Sample, dir: string): void {
  for (const [index, entry] of indexed(sample.layout.entries)) {
    if (entry.type !== 'file') continue
    const path = pathOfEntry(sample.layout, { dir, mode: 'read' }, index)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, contentOf(sample, index))
  }
}

/** The bytes that a file has to have. */
export function contentOf({ layout, space }: Sample, entryIndex: number): Uint8Array {
  const entry = layout.entries.at(entryIndex)
  assert.ok(entry)
  return space.subarray(entry.offset, entry.offset + entry.length)
}

/** Writes down what a storage says, and lets a test wait for it. */
export class Witness implements StorageListener {
  readonly hashed = new Map<number, PieceDigests>()
  readonly errors: { error: DiskError; piece: number | undefined }[] = []
  readonly spoiled: { error: DiskError; piece: number }[] = []
  #waiting: (() => void)[] = []

  onRoom(): void {
    this.#wake()
  }
  onLoaded(): void {
    this.#wake()
  }
  onPieceHashed(piece: number, digests: PieceDigests): void {
    this.hashed.set(piece, digests)
    this.#wake()
  }
  onPieceSpoiled(piece: number, error: DiskError): void {
    this.spoiled.push({ error, piece })
    this.#wake()
  }
  onWriteError(error: DiskError): void {
    this.errors.push({ error, piece: undefined })
    this.#wake()
  }
  onReadError(error: DiskError, piece: number): void {
    this.errors.push({ error, piece })
    this.#wake()
  }

  /** Waits until `isSo`, looking again whenever the storage has said something. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  async next(): Promise<void> {
    await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** Puts one block where it belongs, as a connection would. */
export async function receiveBlock(
  pool: DiskPool,
  storage: Storage,
  witness: Witness,
  piece: number,
  offset: number,
  bytes: Uint8Array,
): Promise<'placed' | 'not-wanted'> {
  for (;;) {
    const at = storage.place(piece, offset, bytes.length)
    if (at === NOT_NEEDED) return 'not-wanted'
    if (at !== NO_ROOM) {
      pool.receiveMemory.set(bytes, at)
      storage.placed(piece, offset)
      return 'placed'
    }
    await witness.next()
  }
}

/** All blocks of a piece, in order. */
export async function receivePiece(
  pool: DiskPool,
  storage: Storage,
  witness: Witness,
  piece: number,
  bytes: Uint8Array,
): Promise<void> {
  for (let block = 0; block < storage.map.blockCount(piece); block++) {
    const offset = block * BLOCK
    await receiveBlock(pool, storage, witness, piece, offset, bytes.subarray(offset, offset + BLOCK))
  }
}

/** All blocks of a sample: `window` of them are shuffled among each other at a time. */
export function shuffledBlocks(
  { map }: Sample,
  window: number,
  seed: number,
): { piece: number; offset: number }[] {
  const blocks: { piece: number; offset: number }[] = []
  for (let piece = 0; piece < map.pieceCount; piece++) {
    for (let block = 0; block < map.blockCount(piece); block++) blocks.push({ piece, offset: block * BLOCK })
  }
  const random = new SeededRandom(seed)
  const shuffled: { piece: number; offset: number }[] = []
  for (let at = 0; at < blocks.length; at += window) {
    shuffled.push(...shuffle(blocks.slice(at, at + window), random))
  }
  return shuffled
}

/** How many files below a folder this process has open (Linux); undefined elsewhere. */
export function openFilesBelow(folder: string): number | undefined {
  if (process.platform !== 'linux') return undefined
  let count = 0
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${name}`).startsWith(folder)) count++
    } catch (error) {
      // The descriptor that the list itself was read through is closed by now.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
  return count
}
