// BEP 15, 48: `torrent scrape` and trackers over HTTP and UDP.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import { digestTree, writeRandomFile } from '../support/content.js'
import { freePort, listen, listening } from '../support/ports.js'
import { trackerKnows } from '../support/scrape.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, runTorrent, torrent } from '../support/torrent.js'
import { UdpTracker } from '../support/udp-tracker.js'
import { LOCAL, make, startSeeder } from './local-peers.js'

async function publish(folder: TempFolder, ...args: readonly string[]): Promise<string> {
  await writeRandomFile(folder.join('data', 'content.bin'), 2 ** 18, 1)
  return await make(folder.join('data', 'content.bin'), folder.join('content.torrent'), ...args)
}

describe('torrent scrape', () => {
  it('shows what each tracker counts, over HTTP and UDP, before and after a download', async () => {
    await using folder = new TempFolder()
    const port = await freePort()
    await using _tracker = torrent(['tracker', '-p', `${port}`, '--bind', '127.0.0.1'])
    await listening(port)
    await using udp = await UdpTracker.start()
    const urls = [`http://127.0.0.1:${port}/announce`, `udp://127.0.0.1:${udp.port}/announce`]
    const tiers = urls.flatMap(url => ['-t', url])
    const metainfo = await publish(folder, '--format', 'v1', ...tiers)
    await using seeder = await startSeeder(metainfo, folder.join('data'), [])
    const { infoHash } = await seeder.process.waitFor('seeding')
    await trackerKnows(urls[0] ?? '', infoHash, 1)
    await udp.heard.waitFor('the seeder', ({ event }) => event === 'started')

    const before = await mustRun(['scrape', metainfo])
    assert.deepEqual(before.stdout.trimEnd().split('\n'), [
      'seeders  leechers  downloads  tracker',
      `      1         0          0  ${urls[0]}`,
      `      1         0          0  ${urls[1]}`,
    ])
    await mustRun(['get', metainfo, '-d', folder.join('got'), ...LOCAL, '--exit', '--timeout', '30s'])
    assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))

    const after = await mustRun(['scrape', '--json', metainfo])
    assert.deepEqual(
      after.events.map(({ time: _, ...facts }) => facts),
      urls.map(url => ({ type: 'scrape', infoHash, url, seeders: 1, leechers: 0, downloads: 1 })),
    )
  })

  it('counts the two swarms of a hybrid apart, and leaves out what a tracker does not say', async () => {
    await using folder = new TempFolder()
    const port = await freePort()
    await using _tracker = torrent(['tracker', '-p', `${port}`, '--bind', '127.0.0.1'])
    await listening(port)
    const metainfo = await publish(folder)
    const url = `http://127.0.0.1:${port}/announce`
    const { stdout } = await mustRun(['scrape', metainfo, '-t', url])
    assert.deepEqual(stdout.trimEnd().split('\n').slice(1), [
      `      –         –          –  ${url} (v1)`,
      `      –         –          –  ${url} (v2)`,
    ])
  })

  it('asks the trackers of a magnet link', async () => {
    await using udp = await UdpTracker.start()
    const infoHash = 'ab'.repeat(20)
    const tracker = `udp://127.0.0.1:${udp.port}`
    const magnet = `magnet:?xt=urn:btih:${infoHash}&tr=${encodeURIComponent(tracker)}`
    const { events } = await mustRun(['scrape', '--json', magnet])
    assert.deepEqual(
      events.map(({ time: _, ...facts }) => facts),
      [{ type: 'scrape', infoHash, url: tracker, seeders: 0, leechers: 0, downloads: 0 }],
    )
  })

  it('goes on where one tracker fails, and exits 4 where all do', async () => {
    await using folder = new TempFolder()
    await using udp = await UdpTracker.start()
    const server = createServer((_, response) => response.writeHead(500).end())
    const port = await listen(server)
    try {
      const metainfo = await publish(folder, '-t', `http://127.0.0.1:${port}/announce`)
      const some = await mustRun(['scrape', metainfo, '-t', `udp://127.0.0.1:${udp.port}`])
      assert.match(some.stderr, /^torrent: warning: http:\/\/127\.0\.0\.1:\d+\/announce: .*500/)
      assert.match(some.stdout, /udp:/)
      const none = await runTorrent(['scrape', metainfo])
      assert.equal(none.code, 4)
      assert.match(none.stderr, /content\.torrent: no tracker answered: see the warnings above$/m)
      assert.equal(none.stdout, '')
    } finally {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  })

  it('says at once that the port of a UDP tracker is closed', {
    skip: process.platform !== 'linux',
  }, async () => {
    const tracker = await UdpTracker.start()
    const url = `udp://127.0.0.1:${tracker.port}`
    await tracker[Symbol.asyncDispose]()
    const { code, stderr } = await runTorrent(['scrape', 'ab'.repeat(20), '-t', url])
    assert.equal(code, 4)
    assert.match(stderr, /warning: udp:\/\/127\.0\.0\.1:\d+: .*connection refused/)
  })

  it('says of a tracker that is silent that it is waited for', async () => {
    const silent = createSocket('udp4')
    await new Promise<void>(resolve => silent.bind(0, '127.0.0.1', resolve))
    try {
      const url = `udp://127.0.0.1:${silent.address().port}`
      const { code, stderr } = await runTorrent(['scrape', 'ab'.repeat(20), '-t', url])
      assert.equal(code, 4)
      assert.match(stderr, /udp:\/\/127\.0\.0\.1:\d+: no answer yet; still waiting\n/)
    } finally {
      silent.close()
    }
  })

  it('exits as other commands do where --bind is no address of this machine', async () => {
    const args = ['--bind', '203.0.113.77', '-t', 'udp://127.0.0.1:9']
    const { code, stderr } = await runTorrent(['scrape', 'ab'.repeat(20), ...args])
    assert.equal(code, 6, stderr)
    assert.match(stderr, /203\.0\.113\.77.*not an address of this machine/)
  })

  it('exits 2 where there is no tracker to ask', async () => {
    const { code, stderr } = await runTorrent(['scrape', 'ab'.repeat(20)])
    assert.equal(code, 2)
    assert.match(stderr, /it names no tracker: give one with --tracker$/m)
  })
})
