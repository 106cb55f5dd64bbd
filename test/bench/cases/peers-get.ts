import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { digestTree, writeRandomFile } from '../../support/content.js'
import type { Bench } from '../bench.js'
import type { BenchCase, Curve } from '../bench-case.js'
import { boundMs } from '../clients/measured-process.js'
import { LOCAL, PLAIN, startTorrent } from '../clients/torrent.js'
import { PIECE_LENGTH, type Published, publish, readMetainfo, verifyAndRemove } from '../contents.js'
import { Uploader } from '../loads/uploader.js'

const COUNTS = [1, 10, 50]
const SHORT_COUNTS = [5]
const BYTES_PER_SECOND = 2e6
/** A download takes this long at its best. */
const SECONDS = 10
const SHORT_SECONDS = 1
/** What "as fast as the sum" is. */
const AIM_OF_SUM = 0.95

/** Many uploaders, each capped. */
export const PEERS_GET: BenchCase = {
  name: 'peers-get',
  title: `download from uploaders of ${BYTES_PER_SECOND / 1e6} MB/s each, v1, from their first block to their last`,
  needs: [],
  async run(bench): Promise<Curve> {
    const { isShort } = bench.options
    const rows: [number, number, number, number][] = []
    for (const count of isShort ? SHORT_COUNTS : COUNTS) {
      const sum = count * BYTES_PER_SECOND
      const published = await publishFor(bench, sum * (isShort ? SHORT_SECONDS : SECONDS))
      const rate = await bench.attempt(`peers-get, ${count}`, () => getFrom(published, count))
      rows.push([count, inMb(sum), inMb(rate), Number((rate / sum).toFixed(3))])
      bench.log(`peers-get: ${count} peers, ${inMb(rate)} MB/s of ${inMb(sum)}`)
    }
    return {
      type: 'curve',
      columns: ['peers', 'sum MB/s', 'MB/s', '× of the sum'],
      rows,
      verdicts: rows.slice(-1).map(([count, , , ofSum]) => ({
        figure: `speed from ${count} slow peers against their sum`,
        value: ofSum,
        unit: '×',
        bound: 'at least',
        aim: AIM_OF_SUM,
      })),
    }
  },
}

/** Random content of about this many bytes, in whole pieces. */
async function publishFor({ folder }: Bench, wanted: number): Promise<Published> {
  const bytes = Math.ceil(wanted / PIECE_LENGTH) * PIECE_LENGTH
  const data = folder.join('for-slow')
  const name = `content-${bytes}`
  await writeRandomFile(join(data, name), bytes, 2)
  const content = { data, name, bytes, digests: await digestTree(join(data, name)), folder }
  return await publish({ ...content, format: 'v1', pieceLength: PIECE_LENGTH })
}

/** Bytes a second received from slow uploaders, from the first block sent to the last. */
async function getFrom(published: Published, count: number): Promise<number> {
  const { folder, bytes } = published
  const into = folder.join('got')
  const { pieceCount } = await readMetainfo(published.metainfo)
  const file = openSync(join(published.data, published.name), 'r')
  const read = (piece: number, offset: number, length: number) => {
    const block = Buffer.allocUnsafe(length)
    readSync(file, block, 0, length, piece * PIECE_LENGTH + offset)
    return block
  }
  const uploaders: Uploader[] = []
  try {
    for (let i = 0; i < count; i++)
      uploaders.push(await Uploader.open({ pieceCount, read, bytesPerSecond: BYTES_PER_SECOND }))
    const peers = uploaders.flatMap(({ port }) => ['--peer', `127.0.0.1:${port}`])
    await using program = startTorrent(
      ['get', published.metainfo, '-d', into, '--exit', ...LOCAL, ...PLAIN, ...peers],
      folder,
    )
    await program.end(boundMs(bytes))
  } finally {
    for (const uploader of uploaders) await uploader[Symbol.asyncDispose]()
    closeSync(file)
  }
  await verifyAndRemove(published, into, 'torrent')
  const first = Math.min(...uploaders.map(({ firstAt }) => firstAt))
  const last = Math.max(...uploaders.map(({ lastAt }) => lastAt))
  return bytes / ((last - first) / 1000)
}

function inMb(bytes: number): number {
  return Number((bytes / 1e6).toFixed(1))
}
