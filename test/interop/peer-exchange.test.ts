import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestTree, writeRandomFile } from '../support/content.js'
import { poll } from '../support/deadline.js'
import { without } from '../support/partners.js'
import { freePort } from '../support/ports.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, torrent } from '../support/torrent.js'
import { Libtorrent } from './peers/libtorrent.js'

/** Bytes per second. A leecher with no other peer gets only a small part of the content in the time of a test. */
const SLOW = 4 * 1024
const BYTES = 4 * 2 ** 20

/** libtorrent tells once a minute; mostly the first time soon. */
const EXCHANGED_WITHIN_MS = 90_000

const LOCAL = ['--json', '--bind', '127.0.0.1', '--no-tracker']

/** Content in `<folder>/data` and its torrent. */
async function publish(folder: TempFolder): Promise<string> {
  const out = folder.join('content.torrent')
  await writeRandomFile(folder.join('data', 'content'), BYTES, 11)
  await mustRun(['make', folder.join('data', 'content'), '-o', out, '--piece-length', '32KiB'])
  return out
}

describe('peer exchange: two that have a third between them find each other', {
  skip: without('libtorrent'),
}, () => {
  it('we, told by libtorrent', async () => {
    await using folder = new TempFolder()
    const metainfo = await publish(folder)
    await using seeder = torrent(['seed', metainfo, '-d', folder.join('data'), '-p', '0', ...LOCAL])
    const { port } = await seeder.waitFor('seeding')
    await using middle = await Libtorrent.start()
    const number = await middle.add({ torrent: metainfo, folder: folder.join('middle'), rate: SLOW })
    await middle.connect(number, '127.0.0.1', port)
    await connected(middle, number, ({ address }) => address === `127.0.0.1:${port}`)

    await using leecher = torrent([
      ...['get', metainfo, '-d', folder.join('got'), '--exit', '--peer', middle.address, '-p', '0', ...LOCAL],
    ])
    await leecher.waitFor('complete', () => true, { withinMs: EXCHANGED_WITHIN_MS })
    assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
  })

  it('libtorrent, told by us', async () => {
    await using folder = new TempFolder()
    const metainfo = await publish(folder)
    await using seeder = await Libtorrent.start()
    await seeder.add({ torrent: metainfo, folder: folder.join('data'), seed: true, rate: SLOW })
    const port = await freePort()
    await using middle = torrent([
      ...['get', metainfo, '-d', folder.join('middle'), '--peer', seeder.address, '-p', `${port}`, ...LOCAL],
    ])
    await middle.waitFor('progress', ({ peers }) => peers === 1)
    await using leecher = await Libtorrent.start()
    const number = await leecher.add({ torrent: metainfo, folder: folder.join('got') })
    await leecher.connect(number, '127.0.0.1', port)

    // Both have heard of the other by now: either may have been the first to dial.
    await connected(leecher, number, ({ client }) => client.startsWith('libtorrent'))
  })
})

interface LibtorrentPeer {
  readonly address: string
  readonly client: string
}

/** Waits until libtorrent has such a peer. */
async function connected(libtorrent: Libtorrent, number: number, isRight: (peer: LibtorrentPeer) => boolean) {
  const ask = async () => (await libtorrent.peers(number)).find(isRight)
  await poll('a connection of libtorrent', ask, EXCHANGED_WITHIN_MS)
}
