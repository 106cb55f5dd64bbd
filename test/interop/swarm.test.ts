import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { sha256OfFile, writeRandomFile } from '../support/content.js'
import { infoOf } from '../support/info.js'
import { without } from '../support/partners.js'
import { freePort, listening } from '../support/ports.js'
import { trackerKnows } from '../support/scrape.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, type TorrentProcess, torrent } from '../support/torrent.js'
import { Libtorrent } from './peers/libtorrent.js'

const BYTES = 16 * 2 ** 20
const PIECE_LENGTH = 128 * 1024
const SEEDER_UP = 2 ** 20
const LEECHER_UP = 2 ** 19
/** Of ours, and as many of libtorrent. */
const LEECHERS = 10
const WITHIN_MS = 240_000

/** Each peer has an address of its own, as in a swarm; all of 127.0.0.0/8 is this machine. */
const hostOf = (peer: number): string => `127.0.0.${peer + 2}`

const HERE = process.platform === 'linux' ? without('libtorrent') : 'only Linux has all of 127.0.0.0/8'

/** A leecher, and the wait for its last piece. */
interface Leecher {
  readonly client: 'torrent' | 'libtorrent'
  readonly file: string
  readonly complete: Promise<unknown>
}

test('one seeder and twenty leechers, half of them libtorrent', { skip: HERE }, async context => {
  await using folder = new TempFolder()
  const content = folder.join('data', 'content.bin')
  await writeRandomFile(content, BYTES, 7)
  const metainfo = folder.join('content.torrent')
  await using stack = new AsyncDisposableStack()
  const port = await freePort()
  stack.use(torrent(['tracker', '-p', `${port}`, '--bind', '127.0.0.1']))
  await listening(port)
  const tracker = `http://127.0.0.1:${port}/announce`
  await mustRun([
    ...['make', content, '-o', metainfo, '-t', tracker, '--format', 'v1'],
    ...['--piece-length', `${PIECE_LENGTH / 1024}KiB`],
  ])
})
