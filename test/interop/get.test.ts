import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestTree } from '../support/content.js'
import { copyWithout } from '../support/metainfo-surgery.js'
import { without } from '../support/partners.js'
import { TempFolder } from '../support/temp-folder.js'
import { runTorrent } from '../support/torrent.js'
import { DOWNLOAD, FORMATS, type Format, PIECE_LENGTH, writeLayout } from './layouts.js'
import { Aria2 } from './peers/aria2.js'
import { Libtorrent } from './peers/libtorrent.js'

/** Content in `<folder>/data` and its torrent, made by libtorrent. */
async function publish(folder: TempFolder, libtorrent: Libtorrent, format: Format): Promise<string> {
  const torrent = folder.join(`${format}.torrent`)
  const path = await writeLayout(folder.join('data'), DOWNLOAD)
  await libtorrent.make({ path, out: torrent, format, pieceLength: PIECE_LENGTH })
  return torrent
}

/** Downloads from one peer alone into `<folder>/got` and compares. */
async function getFrom(peer: string, torrent: string, folder: TempFolder): Promise<void> {
  const got = await runTorrent([
    ...['get', torrent, '-d', folder.join('got'), '--json', '--exit', '--no-tracker', '-p', '0'],
    ...['--bind', '127.0.0.1', '--peer', peer, '--timeout', '30s'],
  ])
  assert.equal(got.code, 0, got.story)
  assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
}

describe('`get` from libtorrent', { skip: without('libtorrent') }, () => {
  for (const format of FORMATS) {
    it(`downloads a ${format} torrent`, async () => {
      await using folder = new TempFolder()
      await using seeder = await Libtorrent.start()
      const torrent = await publish(folder, seeder, format)
      await seeder.add({ torrent, folder: folder.join('data'), seed: true })

      await getFrom(seeder.address, torrent, folder)
    })
  }

  for (const format of ['v2', 'hybrid'] as const) {
    it(`fetches the piece layers that a ${format} torrent came without`, async () => {
      await using folder = new TempFolder()
      await using seeder = await Libtorrent.start()
      const torrent = await publish(folder, seeder, format)
      await seeder.add({ torrent, folder: folder.join('data'), seed: true })
      const bare = folder.join('bare.torrent')
      await copyWithout(torrent, 'piece layers', bare)

      await getFrom(seeder.address, bare, folder)
    })
  }
})

describe('`get` from aria2', { skip: without('libtorrent', 'aria2') }, () => {
  // aria2 1.36 takes the empty keys of a file tree for none and has other info hashes for v2 and hybrid torrents.
  it('downloads a v1 torrent', async () => {
    await using folder = new TempFolder()
    await using libtorrent = await Libtorrent.start()
    const torrent = await publish(folder, libtorrent, 'v1')
    await using seeder = await Aria2.seed({ torrent, folder: folder.join('data') })

    await getFrom(seeder.address, torrent, folder)
  })
})
