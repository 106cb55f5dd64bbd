import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ContentFile, digestTree, writeTree } from '../support/content.js'
import { infoOf } from '../support/info.js'
import { Network } from '../support/network.js'
import { without } from '../support/partners.js'
import { freePort } from '../support/ports.js'
import { trackerKnows } from '../support/scrape.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, runTorrent, torrent } from '../support/torrent.js'
import { Aria2 } from './peers/aria2.js'
import { Libtorrent } from './peers/libtorrent.js'
import { Transmission } from './peers/transmission.js'

const FILES: readonly ContentFile[] = [
  { path: 'big.bin', bytes: 6_000_001 },
  { path: 'deep/er/small.bin', bytes: 12_345 },
]
const TRACKER_PORT = 6969

/** Content in `<folder>/data` and its torrent. */
async function publish(folder: TempFolder, ...more: readonly string[]): Promise<string> {
  const out = folder.join('content.torrent')
  await writeTree(folder.join('data', 'content'), FILES, 1)
  await mustRun(['make', folder.join('data', 'content'), '-o', out, ...more])
  return out
}

async function assertSameContent(folder: TempFolder): Promise<void> {
  assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
}

const local = (host: string) => ['--json', '-p', '0', '--bind', host]

function getArgs(metainfo: string, folder: TempFolder, host: string, peer: string): string[] {
  const from = ['--no-tracker', '--peer', peer, '--timeout', '60s', '--exit']
  return ['get', metainfo, '-d', folder.join('got'), ...local(host), ...from]
}

function seedArgs(metainfo: string, folder: TempFolder, host: string): string[] {
  return ['seed', metainfo, '-d', folder.join('data'), ...local(host)]
}

/** The encryption that libtorrent is forced to, and the modes of ours that can talk to it. */
const PAIRS = [
  ['rc4', 'prefer'],
  ['rc4', 'require'],
  ['both', 'prefer'],
  ['both', 'require'],
  ['plaintext', 'prefer'],
  ['off', 'prefer'],
  ['off', 'off'],
  ['default', 'prefer'],
  ['default', 'require'],
  ['default', 'off'],
] as const

describe('encryption with libtorrent', { skip: without('libtorrent') }, () => {
  for (const [theirs, ours] of PAIRS) {
    it(`we get with \`${ours}\` from libtorrent with \`${theirs}\``, async () => {
      await using folder = new TempFolder()
      const metainfo = await publish(folder)
      await using seeder = await Libtorrent.start({ encryption: theirs })
      await seeder.add({ torrent: metainfo, folder: folder.join('data'), seed: true })

      const args = getArgs(metainfo, folder, '127.0.0.1', seeder.address)
      const got = await runTorrent([...args, '--encryption', ours])
      assert.equal(got.code, 0, got.story)
      await assertSameContent(folder)
    })

    it(`libtorrent with \`${theirs}\` gets from us with \`${ours}\``, async () => {
      await using folder = new TempFolder()
      const metainfo = await publish(folder)
      const args = seedArgs(metainfo, folder, '127.0.0.1')
      await using seeder = torrent([...args, '--no-tracker', '--encryption', ours])
      const { port } = await seeder.waitFor('seeding')
      await using leecher = await Libtorrent.start({ encryption: theirs })
      const number = await leecher.add({ torrent: metainfo, folder: folder.join('got') })
      await leecher.connect(number, '127.0.0.1', port)

      await leecher.complete(number)
      await assertSameContent(folder)
    })
  }

  for (const format of ['v1', 'v2'] as const) {
    it(`libtorrent gets a ${format} torrent, which it names by a mark`, async () => {
      await using folder = new TempFolder()
      const metainfo = await publish(folder, '--format', format)
      const args = seedArgs(metainfo, folder, '127.0.0.1')
      await using seeder = torrent([...args, '--no-tracker', '--encryption', 'require'])
      const { port } = await seeder.waitFor('seeding')
      await using leecher = await Libtorrent.start({ encryption: 'rc4' })
      const number = await leecher.add({ torrent: metainfo, folder: folder.join('got') })
      await leecher.connect(number, '127.0.0.1', port)

      await leecher.complete(number)
      await assertSameContent(folder)
    })
  }
})

describe('encryption with aria2 that requires it', { skip: without('aria2') }, () => {
  for (const ours of ['prefer', 'require']) {
    it(`we get with \`${ours}\``, async () => {
      await using folder = new TempFolder()
      const metainfo = await publish(folder, '--format', 'v1')
      const data = folder.join('data')
      await using seeder = await Aria2.seed({ torrent: metainfo, folder: data, requiresEncryption: true })

      const args = getArgs(metainfo, folder, '127.0.0.1', seeder.address)
      const got = await runTorrent([...args, '--encryption', ours])
      assert.equal(got.code, 0, got.story)
      await assertSameContent(folder)
    })

    it(`it gets from us with \`${ours}\``, async () => {
      await using folder = new TempFolder()
      const port = await freePort()
      const tracker = `http://127.0.0.1:${port}/announce`
      const metainfo = await publish(folder, '--format', 'v1')
      const args = seedArgs(metainfo, folder, '127.0.0.1')
      await using seeder = torrent([...args, '--with-tracker', `${port}`, '--encryption', ours])
      await seeder.waitFor('seeding')
      await trackerKnows(tracker, (await infoOf(metainfo)).infoHashV1 ?? '', 1)
      await using leecher = await Aria2.get({
        torrent: metainfo,
        folder: folder.join('got'),
        trackers: [tracker],
        requiresEncryption: true,
      })

      await leecher.complete()
      await assertSameContent(folder)
    })
  }
})

describe('encryption with transmission that requires it', {
  skip: without('transmission', 'namespaces'),
}, () => {
  for (const mode of ['prefer', 'require']) {
    it(`we get with \`${mode}\``, async () => {
      await using folder = new TempFolder()
      await using network = await Network.create(2)
      const [ours = '', theirs = ''] = network.addresses
      const metainfo = await publish(folder, '--format', 'v1')
      await using seeder = await Transmission.start(network, theirs, 'required')
      await seeder.add(metainfo, folder.join('data'))
      await seeder.seeding()

      const args = getArgs(metainfo, folder, ours, seeder.address)
      const got = await runTorrent([...args, '--encryption', mode], { prefix: network.prefix })
      assert.equal(got.code, 0, got.story)
      await assertSameContent(folder)
    })

    it(`it gets from us with \`${mode}\``, async () => {
      await using folder = new TempFolder()
      await using network = await Network.create(2)
      const [ours = '', theirs = ''] = network.addresses
      const tracker = `http://${ours}:${TRACKER_PORT}/announce`
      const metainfo = await publish(folder, '--format', 'v1', '-t', tracker)
      await using seeder = torrent(
        [...seedArgs(metainfo, folder, ours), '--with-tracker', `${TRACKER_PORT}`, '--encryption', mode],
        { prefix: network.prefix },
      )
      await seeder.waitFor('seeding')
      await using leecher = await Transmission.start(network, theirs, 'required')
      await writeTree(folder.join('got'), [], 1)
      await leecher.add(metainfo, folder.join('got'))

      await leecher.seeding(90_000)
      await assertSameContent(folder)
    })
  }
})

describe('encryption with transmission that has it off', {
  skip: without('transmission', 'namespaces'),
}, () => {
  it('we get with `prefer`, although it ends every encrypted connection', async () => {
    await using folder = new TempFolder()
    await using network = await Network.create(2)
    const [ours = '', theirs = ''] = network.addresses
    const metainfo = await publish(folder, '--format', 'v1')
    await using seeder = await Transmission.start(network, theirs, 'tolerated')
    await seeder.add(metainfo, folder.join('data'))
    await seeder.seeding()

    const args = [...getArgs(metainfo, folder, ours, seeder.address), '--encryption', 'prefer']
    const got = await runTorrent(args, { prefix: network.prefix })
    assert.equal(got.code, 0, got.story)
    await assertSameContent(folder)
  })
})
