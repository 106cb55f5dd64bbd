// BEP 15: the real program and a tracker over UDP.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { digestTree, writeRandomFile } from '../support/content.js'
import { TempFolder } from '../support/temp-folder.js'
import { runTorrent, torrent } from '../support/torrent.js'
import { UdpTracker } from '../support/udp-tracker.js'
import { LOCAL, make, startSeeder } from './local-peers.js'

const SIZE = 2 ** 20

async function publish(folder: TempFolder, tracker: string): Promise<string> {
  const content = folder.join('data', 'content.bin')
  await writeRandomFile(content, SIZE, 1)
  return await make(content, folder.join('content.torrent'), '--format', 'v1', '-t', tracker)
}

describe('a UDP tracker', () => {
  for (const [family, host, shown] of [
    ['IPv4', '127.0.0.1', '127.0.0.1'],
    ['IPv6', '::1', '[::1]'],
  ] as const) {
    it(`brings a download and a seeder together over ${family}, and hears of both from start to end`, async () => {
      await using folder = new TempFolder()
      await using tracker = await UdpTracker.start(host)
      const metainfo = await publish(folder, `udp://${shown}:${tracker.port}/announce?key=1`)
      const local = ['--json', '-p', '0', '--bind', host]
      await using seeder = torrent(['seed', metainfo, '-d', folder.join('data'), ...local])
      const { port } = await seeder.waitFor('seeding')
      await tracker.heard.waitFor('the seeder', ({ event }) => event === 'started')

      const got = folder.join('got')
      const result = await runTorrent(['get', metainfo, '-d', got, ...local, '--exit', '--timeout', '30s'])
      assert.equal(result.code, 0, result.story)
      assert.deepEqual(await digestTree(got), await digestTree(folder.join('data')))
      assert.equal((await seeder.stop()).code, 0)

      assert.deepEqual(tracker.events, [
        `${family} started 0`,
        `${family} started ${SIZE}`,
        `${family} completed 0`,
        `${family} stopped 0`,
        `${family} stopped 0`,
      ])
      const [first] = tracker.heard.all
      assert.deepEqual([first?.urlData, first?.port], ['/announce?key=1', port])
      const warnings = [...result.events, ...seeder.events.all].filter(({ type }) => type === 'warning')
      assert.deepEqual(warnings, [])
    })
  }

  it('that forgot its connections is asked for another, and hears that we leave', async () => {
    await using folder = new TempFolder()
    await using tracker = await UdpTracker.start()
    const metainfo = await publish(folder, `udp://127.0.0.1:${tracker.port}`)
    await using seeder = await startSeeder(metainfo, folder.join('data'), [])
    await tracker.heard.waitFor('the seeder', ({ event }) => event === 'started')
    tracker.forgetConnections()
    assert.equal((await seeder.process.stop()).code, 0)
    assert.deepEqual(tracker.events, ['IPv4 started 0', 'IPv4 stopped 0'])
  })

  it('that never answers: the download goes on, and Ctrl-C does not wait for it', async () => {
    await using folder = new TempFolder()
    const silent = createSocket('udp4')
    silent.bind(0, '127.0.0.1')
    await once(silent, 'listening')
    try {
      const asked = once(silent, 'message')
      const metainfo = await publish(folder, `udp://127.0.0.1:${silent.address().port}`)
      await using seeder = await startSeeder(metainfo, folder.join('data'))
      await using leecher = torrent([
        ...['get', metainfo, '-d', folder.join('got'), ...LOCAL, '--peer', seeder.address],
      ])
      await leecher.waitFor('complete')
      await asked
      assert.equal((await leecher.stop()).code, 0)
    } finally {
      silent.close()
    }
  })

  it('without a port in its address: a warning that says so', async () => {
    await using folder = new TempFolder()
    const metainfo = await publish(folder, 'udp://127.0.0.1:80/announce')
    // `make` does not take such an address, but other programs do.
    const made = await readFile(metainfo, 'latin1')
    await writeFile(metainfo, made.replaceAll('127.0.0.1:80', '127.0.0.1/80'), 'latin1')
    await using seeder = await startSeeder(metainfo, folder.join('data'), [])
    const { message } = await seeder.process.waitFor('warning')
    assert.match(message, /udp:\/\/127\.0\.0\.1\/80\/announce: not an address of a UDP tracker/)
  })
})
