// BEP 9: metadata from other clients, and for them.

import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { digestTree } from '../support/content.js'
import { Network } from '../support/network.js'
import { without } from '../support/partners.js'
import { freePort } from '../support/ports.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, runTorrent, torrent } from '../support/torrent.js'
import { FORMATS, type Format, type Layout, writeLayout } from './layouts.js'
import { Aria2 } from './peers/aria2.js'
import { Libtorrent } from './peers/libtorrent.js'
import { Transmission } from './peers/transmission.js'

/** No empty files: transmission does not write those. */
const FILLED: Layout = {
  name: 'content',
  content: {
    files: [
      { path: 'big.bin', bytes: 6_000_001 },
      { path: 'deep/er/small.bin', bytes: 12_345 },
    ],
  },
}

/** Content in `<folder>/data`, its torrent, and the magnet link of that. */
async function publish(
  folder: TempFolder,
  format: Format,
  ...more: readonly string[]
): Promise<{ metainfo: string; magnet: string }> {
  const metainfo = folder.join(`${format}.torrent`)
  const content = await writeLayout(folder.join('data'), FILLED)
  await mustRun(['make', content, '-o', metainfo, '--format', format, '--piece-length', '32KiB', ...more])
  await mkdir(folder.join('got'))
  return { metainfo, magnet: (await mustRun(['magnet', metainfo])).stdout.trim() }
}

async function assertSameContent(folder: TempFolder): Promise<void> {
  assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
}

describe('a magnet link, with libtorrent', { skip: without('libtorrent') }, () => {
  for (const format of FORMATS) {
    it(`is enough for our \`get\`, ${format}`, async () => {
      await using folder = new TempFolder()
      const { metainfo, magnet } = await publish(folder, format)
      await using seeder = await Libtorrent.start()
      await seeder.add({ torrent: metainfo, folder: folder.join('data'), seed: true })
      const got = await runTorrent([
        ...['get', magnet, '-d', folder.join('got'), '--json', '--exit', '-p', '0'],
        ...['--bind', '127.0.0.1', '--peer', seeder.address, '--timeout', '60s'],
      ])
      assert.equal(got.code, 0, got.story)
      await assertSameContent(folder)
    })

    it(`is enough for libtorrent, from our \`seed\`, ${format}`, async () => {
      await using folder = new TempFolder()
      const { metainfo, magnet } = await publish(folder, format)
      await using seeder = torrent([
        ...['seed', metainfo, '-d', folder.join('data'), '--json', '-p', '0', '--bind', '127.0.0.1'],
      ])
      const { port } = await seeder.waitFor('seeding')
      await using leecher = await Libtorrent.start()
      const number = await leecher.add({ magnet, folder: folder.join('got') })
      await leecher.connect(number, '127.0.0.1', port)
      await leecher.complete(number)
      await assertSameContent(folder)
    })
  }
})

describe('a magnet link, with aria2', { skip: without('aria2') }, () => {
  it('is enough for aria2, from our `seed` and its tracker, v1', async () => {
    await using folder = new TempFolder()
    const port = await freePort()
    const { metainfo, magnet } = await publish(folder, 'v1', '-t', `http://127.0.0.1:${port}/announce`)
    await using seeder = torrent([
      ...['seed', metainfo, '-d', folder.join('data'), '--json', '-p', '0', '--bind', '127.0.0.1'],
      ...['--with-tracker', `${port}`],
    ])
    await seeder.waitFor('seeding')
    // It tells the tracker that nothing is left, as a seeder does, while all that it has is the link.
    await using leecher = await Aria2.get({ torrent: magnet, folder: folder.join('got') })
    await leecher.complete(60_000)
    await assertSameContent(folder)
  })
})

describe('a magnet link, with transmission', { skip: without('transmission', 'namespaces') }, () => {
  it('is enough for transmission, from our `seed`, v1', async () => {
    await using folder = new TempFolder()
    await using network = await Network.create(2)
    const [ours = '', theirs = ''] = network.addresses
    const { metainfo, magnet } = await publish(folder, 'v1', '-t', `http://${ours}:6969/announce`)
    await using seeder = torrent(
      [
        ...['seed', metainfo, '-d', folder.join('data'), '--json', '-p', '0', '--bind', ours],
        ...['--with-tracker', '6969'],
      ],
      { prefix: network.prefix },
    )
    await seeder.waitFor('seeding')
    await using leecher = await Transmission.start(network, theirs)
    await leecher.addMagnet(magnet, folder.join('got'))
    await leecher.seeding(90_000)
    await assertSameContent(folder)
  })
})
