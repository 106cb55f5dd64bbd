// Some files of a torrent: from libtorrent, then the others, and to libtorrent from a peer that has only some.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestTree } from '../support/content.js'
import { poll } from '../support/deadline.js'
import { infoOf } from '../support/info.js'
import { without } from '../support/partners.js'
import { freePort, listening } from '../support/ports.js'
import { scrape } from '../support/scrape.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, torrent } from '../support/torrent.js'
import { FORMATS, type Layout, PIECE_LENGTH, writeLayout } from './layouts.js'
import { Aria2 } from './peers/aria2.js'
import { Libtorrent } from './peers/libtorrent.js'

const LAYOUT: Layout = {
  name: 'five files',
  content: {
    files: [
      { path: '1.bin', bytes: 1_000_001 },
      { path: '2.bin', bytes: 2_000_003 },
      { path: '3/small', bytes: 5_000 },
      { path: '3/4.bin', bytes: 1_500_000 },
      { path: '5.bin', bytes: 900_007 },
    ],
  },
}
const SELECT = ['--select', '2.bin', '--select', '5.bin']
const SELECTED_BYTES = 2_000_003 + 900_007
const SIZE = 1_000_001 + 2_000_003 + 5_000 + 1_500_000 + 900_007

/** What a peer has of it that has whole pieces: in v1 with parts of the files at their edges. */
function servedBytes(format: string): number {
  if (format !== 'v1') return SELECTED_BYTES
  const pieceAt = (offset: number) => Math.floor(offset / PIECE_LENGTH) * PIECE_LENGTH
  const second = pieceAt(3_000_003) + PIECE_LENGTH - pieceAt(1_000_001)
  return second + SIZE - pieceAt(SIZE - 900_007)
}

describe('some files of a torrent', { skip: without('libtorrent') }, () => {
  for (const format of FORMATS) {
    it(`come from libtorrent and go to libtorrent, and then the others come: ${format}`, async () => {
      await using folder = new TempFolder()
      const metainfo = folder.join('content.torrent')
      const content = await writeLayout(folder.join('data'), LAYOUT)
      await mustRun([
        ...['make', content, '-o', metainfo, '--format', format],
        ...['--piece-length', `${PIECE_LENGTH / 1024}KiB`],
      ])
      const { pieceLength } = await infoOf(metainfo)
      assert.equal(pieceLength, PIECE_LENGTH)
      const state = folder.join('state')
      const get = (...more: readonly string[]) =>
        torrent(
          [
            ...['get', metainfo, '-d', folder.join('got'), '--json', '--no-tracker', '-p', '0'],
            ...['--bind', '127.0.0.1', '--timeout', '60s', ...more],
          ],
          { state },
        )
      await using seeder = await Libtorrent.start()
      await seeder.add({ torrent: metainfo, folder: folder.join('data'), seed: true })
      const data = await digestTree(folder.join('data'))

      await using some = get(...SELECT, '--peer', seeder.address)
      await some.waitFor('complete')
      const { port } = await some.waitFor('seeding')
      const got = await digestTree(folder.join('got'))
      for (const path of ['content/2.bin', 'content/5.bin']) assert.equal(got.get(path), data.get(path), path)
      assert.deepEqual([...got.keys()].sort(), ['content/2.bin', 'content/5.bin'])

      // It gets no more from us, since the others are nowhere.
      await using leecher = await Libtorrent.start()
      const number = await leecher.add({ torrent: metainfo, folder: folder.join('theirs') })
      await leecher.connect(number, '127.0.0.1', port)
      await leecher.reports.waitFor(
        'the selected files at libtorrent',
        report =>
          report.type === 'status' && report.torrent === number && report.downloaded >= servedBytes(format),
        { withinMs: 60_000 },
      )
      assert.equal((await some.stop()).code, 0)

      await using all = get('--peer', seeder.address, '--exit')
      assert.equal((await all.exit()).code, 0, all.child.explain('the others'))
      assert.deepEqual(await digestTree(folder.join('got')), data)
    })
  }
})

describe('aria2 gets files from a peer of ours that has only these', { skip: without('aria2') }, () => {
  it('with the pieces at their edges, of a v1 torrent', async () => {
    await using folder = new TempFolder()
    const port = await freePort()
    const tracker = `http://127.0.0.1:${port}/announce`
    const metainfo = folder.join('content.torrent')
    const content = await writeLayout(folder.join('data'), LAYOUT)
    await mustRun(['make', content, '-o', metainfo, '--format', 'v1', '-t', tracker])
    await using _tracker = torrent(['tracker', '-p', `${port}`, '--bind', '127.0.0.1'])
    await listening(port)
    const local = ['--json', '-p', '0', '--bind', '127.0.0.1']
    await using seeder = torrent(['seed', metainfo, '-d', folder.join('data'), '--no-tracker', ...local])
    const seederPort = (await seeder.waitFor('seeding')).port
    const peer = ['--peer', `127.0.0.1:${seederPort}`]
    await using some = torrent(['get', metainfo, '-d', folder.join('got'), ...local, ...peer, ...SELECT])
    await some.waitFor('complete')
    await some.waitFor('seeding')
    await seeder.stop()
    const infoHash = (await infoOf(metainfo)).infoHashV1 ?? ''
    // A partial seed is none of the seeders (BEP 21).
    await poll('the partial seed at the tracker', async () => {
      const counts = (await scrape(tracker, [Buffer.from(infoHash, 'hex')])).get(infoHash)
      return counts?.incomplete === 1 && counts.complete === 0 ? true : undefined
    })
    await using leecher = await Aria2.get({
      torrent: metainfo,
      folder: folder.join('theirs'),
      trackers: [tracker],
      select: [2, 5],
    })
    await leecher.complete()
    const [data, got] = [await digestTree(folder.join('data')), await digestTree(folder.join('theirs'))]
    for (const path of ['content/2.bin', 'content/5.bin']) assert.equal(got.get(path), data.get(path), path)
  })
})
