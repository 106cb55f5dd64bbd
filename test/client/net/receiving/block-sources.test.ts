// The way of blocks from a source that is no peer, through the connections' part of it to the disk.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { within } from '../../../support/deadline.js'
import { SampleTorrent } from '../../support/sample-torrent.js'
import { LoneDownload } from './lone-download.js'
import { ScriptedSource } from './scripted-source.js'

const WITHIN_MS = 20_000
/** Two chunks: less than what is requested at a time. */
const TINY_MEMORY = 2 ** 19

async function setUp(bytes: number) {
  const sample = await SampleTorrent.make({ bytes })
  const content = readFileSync(join(sample.dataDir, sample.metainfo.name))
  const dir = sample.dir('copy')
  mkdirSync(dir)
  const download = new LoneDownload(sample, dir, TINY_MEMORY)
  await download.storage.prepare({ selected: undefined })
  return {
    content,
    download,
    saved: () => readFileSync(join(dir, sample.metainfo.name)),
    async [Symbol.asyncDispose]() {
      await download[Symbol.asyncDispose]()
      await sample[Symbol.asyncDispose]()
    },
  }
}

it('blocks of a source that is no peer are verified and written, and wait where there is no memory', async () => {
  await using test = await setUp(5_000_000)
  const { content, download } = test
  const source = new ScriptedSource(download, content)
  await within(WITHIN_MS, 'the download', download.completed)
  assert.ok(test.saved().equals(content))
  assert.ok(source.waits > 0)
  assert.equal(source.seed.ledger.received.total, content.length)
  assert.equal(download.torrent.downloader.wastedBytes, 0)
  assert.equal(download.pool.usage.receiveBytes, 0)
})

it('a source in the middle of a block leaves it to another that sends it, too', async () => {
  await using test = await setUp(2_000_000)
  const { content, download } = test
  const stuck = new ScriptedSource(download, content, 'http://stuck.example/')
  stuck.isStuck = true
  stuck.send()
  const { arriving } = stuck
  assert.ok(arriving)
  new ScriptedSource(download, content)
  await within(WITHIN_MS, 'the download', download.completed)
  assert.equal(stuck.arriving, undefined)
  assert.ok(test.saved().equals(content))
  assert.equal(download.pool.usage.receiveBytes, 0)
})

it('a source that sends bad bytes is banned, and another sends the right ones', async () => {
  await using test = await setUp(1_000_000)
  const { content, download } = test
  const liar = new ScriptedSource(download, Buffer.alloc(content.length), 'http://liar.example/')
  const honest = new ScriptedSource(download, content)
  await within(WITHIN_MS, 'the download', download.completed)
  assert.deepEqual([liar.closed, honest.closed], ['banned', undefined])
  assert.ok(test.saved().equals(content))
})

it('a source that sends a block that was not requested is dropped', async () => {
  await using test = await setUp(1_000_000)
  const { content, download } = test
  const source = new ScriptedSource(download, content)
  const { requests } = source.seed.ledger
  const requested = Array.from({ length: requests.length }, (_, position) => requests.pieceAt(position))
  let other = 0
  while (requested.includes(other)) other++
  assert.ok(other < download.torrent.map.pieceCount)
  source.sendUnasked(other)
  assert.equal(source.closed, 'unasked-block')
  assert.equal(download.torrent.webSeeds.size, 0)
})
