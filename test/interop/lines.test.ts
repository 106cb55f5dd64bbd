// Hosts with slow lines of their own, whose queues delay what they send and lose what is too much.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { sha256OfFile, writeRandomFile } from '../support/content.js'
import { type LineHost, Lines, withoutLines } from '../support/lines.js'
import { without } from '../support/partners.js'
import { TempFolder } from '../support/temp-folder.js'
import { torrent } from '../support/torrent.js'
import { Libtorrent } from './peers/libtorrent.js'

const BYTES = 4 * 2 ** 20
/** A copy takes some eight seconds. */
const LINE = { bitsPerSecond: 4_000_000, queueMs: 100 }
/** Of either client. */
const LEECHERS = 3
const WITHIN_MS = 120_000

test('a seeder and six leechers, half of them libtorrent, on lines of 4 Mbit/s that delay and lose', {
  skip: without('libtorrent', 'namespaces') || withoutLines(),
}, async context => {
  await using folder = new TempFolder()
  await using lines = await Lines.create(1 + 2 * LEECHERS, LINE)
  const [first, ...others] = lines.hosts
  assert.ok(first)
  const content = folder.join('data', 'content.bin')
  await writeRandomFile(content, BYTES, 3)
  const metainfo = folder.join('content.torrent')
  const make = ['seed', content, '-o', metainfo, '--with-tracker', '6969']
  await using seeder = torrent([...make, '--bind', first.address, '-p', '6881', '--json'], first)
  await seeder.waitFor('seeding')

  const leechers: AsyncDisposable[] = []
  const began = performance.now()
  const complete = others.map(async (host, i) => {
    const client = i % 2 === 0 ? startOurs : startLibtorrent
    const dir = folder.join(`got-${i}`)
    await client(metainfo, dir, host, leechers)
    const seconds = (performance.now() - began) / 1_000
    context.diagnostic(`${i % 2 === 0 ? 'torrent' : 'libtorrent'}: complete after ${seconds.toFixed(1)} s`)
    return join(dir, 'content.bin')
  })
  try {
    const files = await Promise.all(complete)
    const digest = await sha256OfFile(content)
    for (const file of files) assert.equal(await sha256OfFile(file), digest)
    const lost = await lines.lost()
    context.diagnostic(`${lost} packets were lost`)
    assert.ok(lost > 0, 'no line was ever full')
    assert.equal((await seeder.stop()).code, 0)
    const copies = (seeder.last('stopped')?.uploaded ?? Number.NaN) / BYTES
    context.diagnostic(`the seeder sent ${copies.toFixed(2)} times the content`)
  } finally {
    await Promise.all(leechers.map(leecher => leecher[Symbol.asyncDispose]()))
  }
})

async function startOurs(
  metainfo: string,
  dir: string,
  host: LineHost,
  all: AsyncDisposable[],
): Promise<void> {
  const ours = torrent(['get', metainfo, '-d', dir, '--bind', host.address, '-p', '6881', '--json'], host)
  all.push(ours)
  await ours.waitFor('complete', () => true, { withinMs: WITHIN_MS })
}

async function startLibtorrent(
  metainfo: string,
  dir: string,
  host: LineHost,
  all: AsyncDisposable[],
): Promise<void> {
  const session = await Libtorrent.start({ host: host.address, prefix: host.prefix })
  all.push(session)
  await session.complete(await session.add({ torrent: metainfo, folder: dir }), WITHIN_MS)
}
