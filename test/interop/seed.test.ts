import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestTree } from '../support/content.js'
import { infoOf } from '../support/info.js'
import { copyWithout } from '../support/metainfo-surgery.js'
import { without } from '../support/partners.js'
import { freePort } from '../support/ports.js'
import { trackerKnows } from '../support/scrape.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, torrent } from '../support/torrent.js'
import { DOWNLOAD, FORMATS, type Format, writeLayout } from './layouts.js'
import { Aria2 } from './peers/aria2.js'
import { Libtorrent } from './peers/libtorrent.js'

/** Content in `<folder>/data` and its torrent, made here. */
async function publish(folder: TempFolder, format: Format): Promise<string> {
  const out = folder.join(`${format}.torrent`)
  const content = await writeLayout(folder.join('data'), DOWNLOAD)
  await mustRun(['make', content, '-o', out, '--format', format, '--piece-length', '32KiB'])
  return out
}

function seedOf(metainfo: string, folder: TempFolder, ...more: readonly string[]) {
  const data = folder.join('data')
  return torrent(['seed', metainfo, '-d', data, '--json', '-p', '0', '--bind', '127.0.0.1', ...more])
}

async function assertSameContent(folder: TempFolder): Promise<void> {
  assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
}

describe('libtorrent gets from our `seed`', { skip: without('libtorrent') }, () => {
  for (const format of FORMATS) {
    it(`a ${format} torrent, over a connection that libtorrent opens`, async () => {
      await using folder = new TempFolder()
      const metainfo = await publish(folder, format)
      await using seeder = seedOf(metainfo, folder, '--no-tracker')
      const { port } = await seeder.waitFor('seeding')
      await using leecher = await Libtorrent.start()
      const number = await leecher.add({ torrent: metainfo, folder: folder.join('got') })
      await leecher.connect(number, '127.0.0.1', port)

      await leecher.complete(number)
      await assertSameContent(folder)
      assert.equal((await seeder.stop()).code, 0)
    })
  }

  it('a hybrid torrent, over a connection that we open', async () => {
    await using folder = new TempFolder()
    const metainfo = await publish(folder, 'hybrid')
    await using leecher = await Libtorrent.start()
    const number = await leecher.add({ torrent: metainfo, folder: folder.join('got') })
    await using seeder = seedOf(metainfo, folder, '--no-tracker', '--peer', leecher.address)
    await seeder.waitFor('seeding')

    await leecher.complete(number)
    await assertSameContent(folder)
  })

  it('a v2 torrent that came without its piece layers', async () => {
    await using folder = new TempFolder()
    const metainfo = await publish(folder, 'v2')
    const bare = folder.join('bare.torrent')
    await copyWithout(metainfo, 'piece layers', bare)
    await using seeder = seedOf(metainfo, folder, '--no-tracker')
    const { port } = await seeder.waitFor('seeding')
    await using leecher = await Libtorrent.start()
    const number = await leecher.add({ torrent: bare, folder: folder.join('got') })
    await leecher.connect(number, '127.0.0.1', port)

    await leecher.complete(number)
    await assertSameContent(folder)
  })
})

describe('aria2 gets from our `seed`', { skip: without('aria2') }, () => {
  it('a v1 torrent, found at the tracker inside `seed`', async () => {
    await using folder = new TempFolder()
    const port = await freePort()
    const tracker = `http://127.0.0.1:${port}/announce`
    const metainfo = await publish(folder, 'v1')
    await using seeder = seedOf(metainfo, folder, '--with-tracker', `${port}`)
    await seeder.waitFor('seeding')
    await trackerKnows(tracker, (await infoOf(metainfo)).infoHashV1 ?? '', 1)
    await using leecher = await Aria2.get({
      torrent: metainfo,
      folder: folder.join('got'),
      trackers: [tracker],
    })

    await leecher.complete()
    await assertSameContent(folder)
  })
})
