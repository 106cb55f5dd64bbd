import { closeSync, openSync, readSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { digestTree, writeTree } from '../../support/content.js'
import { isType, parseEvent } from '../../support/events.js'
import type { Bench } from '../bench.js'
import type { BenchCase, Curve } from '../bench-case.js'
import { boundMs } from '../clients/measured-process.js'
import { LOCAL, PLAIN, startTorrent } from '../clients/torrent.js'
import { PIECE_LENGTH, type Published, publish, readMetainfo, verifyAndRemove } from '../contents.js'
import { Uploader } from '../loads/uploader.js'
import { median } from '../measuring/ratios.js'

const MIB = 2 ** 20
const FILE_LENGTHS = [MIB, 16 * MIB, 512 * MIB]
const BYTES = 512 * MIB
const SHORT_BYTES = 16 * MIB
const BYTES_PER_SECOND = 100e6

/** What the SHA-256 of whole files costs after a download from a peer that is slower than the disk. */
export const CHECKSUMS: BenchCase = {
  name: 'get-checksums',
  title: `from the last byte of one peer of ${BYTES_PER_SECOND / 1e6} MB/s until every file is compared with its SHA-256, v1`,
  needs: [],
  async run(bench): Promise<Curve> {
    const { isShort, rounds } = bench.options
    const bytes = isShort ? SHORT_BYTES : BYTES
    const rows: [number, number, number][] = []
    for (const length of new Set(FILE_LENGTHS.map(most => Math.min(most, bytes)))) {
      const published = await publishFiles(bench, bytes / length, length)
      const waits: number[] = []
      for (let round = 0; round < rounds; round++) {
        waits.push(await bench.attempt('get-checksums', () => waitAfterLastByte(published)))
        bench.log(`get-checksums: files of ${length / MIB} MiB, ${Math.round(waits.at(-1) ?? 0)} ms`)
      }
      rows.push([bytes / length, length / MIB, Math.round(median(waits))])
    }
    return { type: 'curve', columns: ['files', 'MiB each', 'ms'], rows, verdicts: [] }
  },
}

async function publishFiles({ folder }: Bench, count: number, length: number): Promise<Published> {
  const data = folder.join('checksums')
  const name = `files-${count}`
  await mkdir(data, { recursive: true })
  const files = Array.from({ length: count }, (_, i) => ({ path: `${i}`, bytes: length }))
  await writeTree(join(data, name), files, 3)
  const bytes = count * length
  const content = { data, name, bytes, digests: await digestTree(join(data, name)), folder }
  return await publish({ ...content, format: 'v1', pieceLength: PIECE_LENGTH, checksums: true })
}

/** Milliseconds. */
async function waitAfterLastByte(published: Published): Promise<number> {
  const { folder, bytes, metainfo } = published
  const into = folder.join('got')
  const content = await openContent(published)
  const isComplete = isType('complete')
  let wait = 0
  try {
    await using uploader = await Uploader.open({ ...content, bytesPerSecond: BYTES_PER_SECOND })
    const peer = ['--peer', `127.0.0.1:${uploader.port}`]
    await using program = startTorrent(
      ['get', metainfo, '-d', into, '--exit', ...LOCAL, ...PLAIN, ...peer],
      folder,
    )
    await program.line(
      '`complete`',
      line => {
        const event = parseEvent(line)
        return event !== undefined && isComplete(event)
      },
      boundMs(bytes),
    )
    wait = performance.now() - uploader.lastAt
    await program.end(boundMs(bytes))
  } finally {
    content.close()
  }
  await verifyAndRemove(published, into, 'torrent')
  return wait
}

/** Opens all files, to be read by pieces. */
async function openContent({ metainfo, data, name }: Published) {
  const info = await readMetainfo(metainfo)
  const map = new PieceMap(info)
  const files = [...info.entries].map(entry =>
    entry.type === 'file' ? openSync(join(data, name, ...entry.path), 'r') : -1,
  )
  return {
    pieceCount: info.pieceCount,
    read(piece: number, offset: number, length: number): Uint8Array {
      const block = Buffer.alloc(length)
      for (const { entryIndex, fileOffset, rangeOffset, length: bytes } of map.slices(piece, offset, length))
        readSync(files[entryIndex] ?? -1, block, rangeOffset, bytes, fileOffset)
      return block
    },
    close() {
      for (const file of files) if (file >= 0) closeSync(file)
    },
  }
}
