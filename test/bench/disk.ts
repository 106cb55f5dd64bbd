// How fast blocks go through the disk pool: received, checked, and read for upload.
// `node dist/test/bench/disk.js [MiB]`

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DiskPool } from '../../src/client/disk/disk-pool.js'
import type { StorageLayout } from '../../src/client/disk/layout.js'
import { NO_ROOM } from '../../src/client/disk/receiving/intake.js'
import type { Storage } from '../../src/client/disk/storage.js'
import type { TorrentVersion } from '../../src/protocol/metainfo/metainfo.js'

const BLOCK = 16_384
/** What one turn of a fast connection brings. */
const BLOCKS_PER_TURN = 32

const READ_AHEAD = 2 ** 20

const size = Number(process.argv[2] ?? 1024) * 2 ** 20
const block = new Uint8Array(BLOCK).map((_, index) => (index * 31) % 251)

for (const version of ['v1', 'v2', 'hybrid'] as const) {
  for (const pieceLength of [2 ** 16, 2 ** 20, 2 ** 24]) await measure(version, pieceLength)
}

async function measure(version: TorrentVersion, pieceLength: number): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'torrent-bench-'))
  try {
    await using pool = new DiskPool()
    await using storage = pool.openStorage(layoutOf(version, pieceLength), { dir, mode: 'write' })
    const received = await rate(() => receive(pool, storage))
    const checked = await rate(() => storage.hashPieces(0, storage.map.pieceCount - 1, { onPiece() {} }))
    const read = await rate(() => readAll(storage))
    const figures = `receive ${received}, check ${checked}, read ${read}`
    console.log(
      `${version.padEnd(6)} pieces of ${String(pieceLength / 1024).padStart(5)} KiB: ${figures} GB/s`,
    )
  } finally {
    await rm(dir, { recursive: true })
  }
}

function layoutOf(version: TorrentVersion, pieceLength: number): StorageLayout {
  const file = { type: 'file', path: ['content'], length: size, offset: 0 } as const
  const entries = [{ ...file, isExecutable: false, sha256: undefined, piecesRoot: undefined }]
  return { version, name: 'content', isFolder: false, pieceLength, pieceCount: size / pieceLength, entries }
}

async function rate(perform: () => Promise<void>): Promise<string> {
  const start = performance.now()
  await perform()
  return (size / 1e6 / (performance.now() - start)).toFixed(2)
}

async function receive(pool: DiskPool, storage: Storage): Promise<void> {
  const { map } = storage
  const hashed = deferred()
  let left = map.pieceCount
  let room = deferred()
  storage.listen({
    onRoom: () => room.resolve(),
    onPieceHashed: () => {
      if (--left === 0) hashed.resolve()
    },
    onPieceSpoiled: (_, error) => hashed.reject(error),
    onWriteError: error => hashed.reject(error),
    onReadError() {},
    onLoaded() {},
  })
  let turn = 0
  for (let piece = 0; piece < map.pieceCount; piece++) {
    for (let offset = 0; offset < map.pieceLength; offset += BLOCK) {
      let at = storage.place(piece, offset, BLOCK)
      while (at === NO_ROOM) {
        await room.promise
        room = deferred()
        at = storage.place(piece, offset, BLOCK)
      }
      pool.receiveMemory.set(block, at)
      storage.placed(piece, offset)
      if (++turn % BLOCKS_PER_TURN === 0) await nextTurn()
    }
  }
  await hashed.promise
}

async function readAll(storage: Storage): Promise<void> {
  const { map } = storage
  let loaded = deferred()
  storage.listen({
    onRoom() {},
    onPieceHashed() {},
    onPieceSpoiled() {},
    onWriteError() {},
    onReadError() {},
    onLoaded: () => loaded.resolve(),
  })
  for (let piece = 0; piece < map.pieceCount; piece++) {
    for (let offset = 0; offset < map.pieceLength; offset += BLOCK) {
      for (let ahead = 0; ahead < READ_AHEAD; ahead += map.pieceLength) {
        const next = piece + ahead / map.pieceLength
        if (next < map.pieceCount)
          storage.prefetch(next, offset, Math.min(READ_AHEAD, map.pieceLength - offset))
      }
      let lease = storage.leaseBlocks(piece, offset / BLOCK, 1)
      while (lease === 'loading') {
        await loaded.promise
        loaded = deferred()
        lease = storage.leaseBlocks(piece, offset / BLOCK, 1)
      }
      if (lease === 'failed') throw new Error(`piece ${piece} cannot be read`)
      lease.release()
    }
  }
}

interface Deferred {
  readonly promise: Promise<void>
  resolve(): void
  reject(error: Error): void
}

function deferred(): Deferred {
  let resolve: () => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
