import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestTree, writeRandomFile } from '../support/content.js'
import { LocalNetwork, withoutLocalNetwork } from '../support/local-network.js'
import { without } from '../support/partners.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, type TorrentOptions, torrent } from '../support/torrent.js'
import { Libtorrent } from './peers/libtorrent.js'

const ALONE = ['--json', '--no-tracker']
const ENV = { TORRENT_NO_LSD: undefined }

/** Content in `<folder>/data` and its torrent. */
async function publish(folder: TempFolder): Promise<string> {
  const out = folder.join('content.torrent')
  await writeRandomFile(folder.join('data', 'content'), 2 * 2 ** 20, 14)
  await mustRun(['make', folder.join('data', 'content'), '-o', out])
  return out
}

describe('local discovery with libtorrent, in one network with no tracker', {
  skip: without('libtorrent') || withoutLocalNetwork(),
}, () => {
  it('we find it', async () => {
    await using folder = new TempFolder()
    const metainfo = await publish(folder)
    await using network = await LocalNetwork.create(2)
    const [ours, theirs] = [network.machine(0), network.machine(1)]
    const options: TorrentOptions = { prefix: ours.prefix, env: ENV }
    await using leecher = torrent(['get', metainfo, '-d', folder.join('got'), '--exit', ...ALONE], options)
    // Its announce comes before there is a seeder, so that the seeder's has to be heard.
    await leecher.waitFor('progress')
    const host = theirs.ipv4
    await using seeder = await Libtorrent.start({ host, prefix: theirs.prefix, usesLocalDiscovery: true })
    await seeder.add({ torrent: metainfo, folder: folder.join('data'), seed: true })
    await leecher.waitFor('complete')
    assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
  })

  for (const family of ['ipv4', 'ipv6'] as const) {
    it(`it finds us over ${family}`, async () => {
      await using folder = new TempFolder()
      const metainfo = await publish(folder)
      await using network = await LocalNetwork.create(2)
      const [ours, theirs] = [network.machine(0), network.machine(1)]
      const host = theirs[family]
      await using leecher = await Libtorrent.start({ host, prefix: theirs.prefix, usesLocalDiscovery: true })
      const number = await leecher.add({ torrent: metainfo, folder: folder.join('got') })
      const options: TorrentOptions = { prefix: ours.prefix, env: ENV }
      await using seeder = torrent(['seed', metainfo, '-d', folder.join('data'), ...ALONE], options)
      await seeder.waitFor('seeding')
      await leecher.complete(number)
      assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
    })
  }
})
