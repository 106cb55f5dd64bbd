import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestTree } from '../support/content.js'
import { without } from '../support/partners.js'
import { freePort, listening } from '../support/ports.js'
import { trackerKnows } from '../support/scrape.js'
import { TempFolder } from '../support/temp-folder.js'
import { runTorrent, torrent } from '../support/torrent.js'
import { UdpTracker } from '../support/udp-tracker.js'
import { DOWNLOAD, FORMATS, PIECE_LENGTH, writeLayout } from './layouts.js'
import { Aria2 } from './peers/aria2.js'
import { Libtorrent } from './peers/libtorrent.js'
import { Opentracker } from './peers/opentracker.js'

interface Published {
  readonly torrent: string
  /** 40 hexadecimal digits each: a hybrid torrent is in two swarms. */
  readonly swarms: readonly string[]
}

/** Content in `<folder>/data` and its torrent, made by libtorrent. */
async function publish(folder: TempFolder, format: (typeof FORMATS)[number]): Promise<Published> {
  await using libtorrent = await Libtorrent.start()
  const out = folder.join(`${format}.torrent`)
  const path = await writeLayout(folder.join('data'), DOWNLOAD)
  const { infoHashV1, infoHashV2 } = await libtorrent.make({
    path,
    out,
    format,
    pieceLength: PIECE_LENGTH,
  })
  const swarms = [infoHashV1, infoHashV2].flatMap(hash => (hash === null ? [] : [hash.slice(0, 40)]))
  return { torrent: out, swarms }
}

async function seedersKnown(url: string, { swarms }: Published): Promise<void> {
  for (const swarm of swarms) await trackerKnows(url, swarm, 1)
}

async function assertSameContent(folder: TempFolder, ...got: readonly string[]): Promise<void> {
  const wanted = await digestTree(folder.join('data'))
  for (const name of got) assert.deepEqual(await digestTree(folder.join(name)), wanted)
}

describe('other clients meet at our tracker', { skip: without('libtorrent', 'aria2') }, () => {
  for (const format of FORMATS) {
    it(`libtorrent finds libtorrent: ${format}`, async () => {
      await using folder = new TempFolder()
      const published = await publish(folder, format)
      const port = await freePort()
      await using _tracker = torrent(['tracker', '-p', `${port}`, '--bind', '127.0.0.1'])
      await listening(port)
      const url = `http://127.0.0.1:${port}/announce`

      await using seeder = await Libtorrent.start()
      await seeder.add({
        torrent: published.torrent,
        folder: folder.join('data'),
        seed: true,
        trackers: [url],
      })
      await seedersKnown(url, published)
      await using leecher = await Libtorrent.start()
      const number = await leecher.add({
        torrent: published.torrent,
        folder: folder.join('got'),
        trackers: [url],
      })

      await leecher.complete(number)
      await assertSameContent(folder, 'got')
    })
  }

  it('aria2 finds libtorrent, and libtorrent finds aria2', async () => {
    await using folder = new TempFolder()
    const published = await publish(folder, 'v1')
    const port = await freePort()
    await using _tracker = torrent(['tracker', '-p', `${port}`, '--bind', '127.0.0.1'])
    await listening(port)
    const trackers = [`http://127.0.0.1:${port}/announce`]

    {
      await using seeder = await Libtorrent.start()
      await seeder.add({ torrent: published.torrent, folder: folder.join('data'), seed: true, trackers })
      await seedersKnown(trackers[0] ?? '', published)
      await using leecher = await Aria2.get({
        torrent: published.torrent,
        folder: folder.join('got-by-aria2'),
        trackers,
      })
      await leecher.complete()
    }
    await using _seeder = await Aria2.seed({
      torrent: published.torrent,
      folder: folder.join('data'),
      trackers,
    })
    await seedersKnown(trackers[0] ?? '', published)
    await using leecher = await Libtorrent.start()
    const number = await leecher.add({
      torrent: published.torrent,
      folder: folder.join('got-by-libtorrent'),
      trackers,
    })
    await leecher.complete(number)
    await assertSameContent(folder, 'got-by-aria2', 'got-by-libtorrent')
  })
})

describe('we meet at opentracker', { skip: without('libtorrent', 'opentracker') }, () => {
  for (const format of FORMATS) {
    it(`our \`get\` finds our \`seed\`: ${format}`, async () => {
      await using folder = new TempFolder()
      const published = await publish(folder, format)
      await using tracker = await Opentracker.start(published.swarms)
      const common = ['--json', '-p', '0', '--bind', '127.0.0.1', '-t', tracker.url]
      await using seeder = torrent(['seed', published.torrent, '-d', folder.join('data'), ...common])
      await seeder.waitFor('seeding')
      await seedersKnown(tracker.url, published)

      const got = await runTorrent([
        ...['get', published.torrent, '-d', folder.join('got'), '--exit', '--timeout', '30s', ...common],
      ])
      assert.equal(got.code, 0, got.story)
      await assertSameContent(folder, 'got')
      const warnings = [...got.events, ...seeder.events.all].filter(event => event.type === 'warning')
      assert.deepEqual(warnings, [])
    })
  }

  for (const format of FORMATS) {
    it(`over UDP, our \`get\` finds our \`seed\` and libtorrent: ${format}`, async () => {
      await using folder = new TempFolder()
      const published = await publish(folder, format)
      await using tracker = await Opentracker.start(published.swarms)
      const common = ['--json', '-p', '0', '--bind', '127.0.0.1', '-t', tracker.udpUrl]
      const get = async (name: string): Promise<void> => {
        const got = await runTorrent([
          ...['get', published.torrent, '-d', folder.join(name), '--exit', '--timeout', '30s', ...common],
        ])
        assert.equal(got.code, 0, got.story)
        assert.deepEqual(
          got.events.filter(event => event.type === 'warning'),
          [],
        )
      }
      {
        await using seeder = torrent(['seed', published.torrent, '-d', folder.join('data'), ...common])
        await seeder.waitFor('seeding')
        await seedersKnown(tracker.url, published)
        await get('got')
        assert.equal((await seeder.stop()).code, 0)
      }
      await using seeder = await Libtorrent.start()
      const trackers = [tracker.udpUrl]
      await seeder.add({ torrent: published.torrent, folder: folder.join('data'), seed: true, trackers })
      await seedersKnown(tracker.url, published)
      await get('got-of-libtorrent')
      await assertSameContent(folder, 'got', 'got-of-libtorrent')
    })
  }
})

describe('we and libtorrent meet at a UDP tracker', { skip: without('libtorrent') }, () => {
  for (const [host, shown] of [
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
  ] as const) {
    it(`each finds the other, on ${host}`, async () => {
      await using folder = new TempFolder()
      const published = await publish(folder, 'v1')
      await using tracker = await UdpTracker.start(host)
      const url = `udp://${shown}:${tracker.port}/announce`
      const common = ['--json', '-p', '0', '--bind', host, '-t', url]
      {
        await using seeder = await Libtorrent.start({ host })
        await seeder.add({
          torrent: published.torrent,
          folder: folder.join('data'),
          seed: true,
          trackers: [url],
        })
        await tracker.heard.waitFor('libtorrent', ({ event }) => event === 'started')
        const got = await runTorrent([
          ...['get', published.torrent, '-d', folder.join('got'), '--exit', '--timeout', '30s', ...common],
        ])
        assert.equal(got.code, 0, got.story)
      }
      const after = tracker.heard.all.length
      await using seeder = torrent(['seed', published.torrent, '-d', folder.join('data'), ...common])
      await seeder.waitFor('seeding')
      await tracker.heard.waitFor('our seeder', ({ event }) => event === 'started', { after })
      await using leecher = await Libtorrent.start({ host })
      const number = await leecher.add({
        torrent: published.torrent,
        folder: folder.join('got-by-libtorrent'),
        trackers: [url],
      })
      await leecher.complete(number)
      await assertSameContent(folder, 'got', 'got-by-libtorrent')
    })
  }
})
