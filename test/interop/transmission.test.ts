import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { type ContentFile, digestTree, writeTree } from '../support/content.js'
import { Network } from '../support/network.js'
import { without } from '../support/partners.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, runTorrent, torrent } from '../support/torrent.js'
import { Transmission } from './peers/transmission.js'

/** No empty ones: transmission does not write those. */
const FILES: readonly ContentFile[] = [
  { path: 'big.bin', bytes: 6_000_001 },
  { path: 'deep/er/small.bin', bytes: 12_345 },
]
const TRACKER_PORT = 6969
const WITHIN_MS = 90_000

/** Content in `<folder>/data` and its torrent: v1, as transmission 3.00 reads neither v2 nor hybrid ones. */
async function publish(folder: TempFolder, ...more: readonly string[]): Promise<string> {
  const out = folder.join('v1.torrent')
  await writeTree(folder.join('data', 'content'), FILES, 1)
  await mustRun(['make', folder.join('data', 'content'), '-o', out, '--format', 'v1', ...more])
  await mkdir(folder.join('got'))
  return out
}

async function assertSameContent(folder: TempFolder): Promise<void> {
  assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
}

describe('transmission', { skip: without('transmission', 'namespaces') }, () => {
  it('gives to our `get`', async () => {
    await using folder = new TempFolder()
    await using network = await Network.create(2)
    const [ours = '', theirs = ''] = network.addresses
    const metainfo = await publish(folder)
    await using seeder = await Transmission.start(network, theirs)
    await seeder.add(metainfo, folder.join('data'))
    await seeder.seeding()

    const got = await runTorrent(
      [
        ...['get', metainfo, '-d', folder.join('got'), '--json', '--exit', '--no-tracker', '-p', '0'],
        ...['--bind', ours, '--peer', seeder.address, '--timeout', '60s'],
      ],
      { prefix: network.prefix },
    )
    assert.equal(got.code, 0, got.story)
    await assertSameContent(folder)
  })

  it('gets from our `seed`, found at the tracker inside it', async () => {
    await using folder = new TempFolder()
    await using network = await Network.create(2)
    const [ours = '', theirs = ''] = network.addresses
    const metainfo = await publish(folder, '-t', `http://${ours}:${TRACKER_PORT}/announce`)
    await using seeder = torrent(
      [
        ...['seed', metainfo, '-d', folder.join('data'), '--json', '-p', '0', '--bind', ours],
        ...['--with-tracker', `${TRACKER_PORT}`],
      ],
      { prefix: network.prefix },
    )
    await seeder.waitFor('seeding')
    await using leecher = await Transmission.start(network, theirs)
    await leecher.add(metainfo, folder.join('got'))

    const { corruptEver } = await leecher.seeding(WITHIN_MS)
    assert.equal(corruptEver, 0)
    await assertSameContent(folder)
  })

  it('finds another transmission at our `tracker`', async () => {
    await using folder = new TempFolder()
    await using network = await Network.create(3)
    const [ours = '', theirs = '', others = ''] = network.addresses
    const metainfo = await publish(folder, '-t', `http://${ours}:${TRACKER_PORT}/announce`)
    await using _tracker = torrent(['tracker', '-p', `${TRACKER_PORT}`, '--bind', ours], {
      prefix: network.prefix,
    })
    await network.listening(ours, TRACKER_PORT)
    await using seeder = await Transmission.start(network, theirs)
    await seeder.add(metainfo, folder.join('data'))
    await seeder.seeding()
    await using leecher = await Transmission.start(network, others)
    await leecher.add(metainfo, folder.join('got'))

    await leecher.seeding(WITHIN_MS)
    await assertSameContent(folder)
  })
})
