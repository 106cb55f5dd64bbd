import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { writeRandomFile } from '../support/content.js'
import { freePort } from '../support/ports.js'
import { TempFolder } from '../support/temp-folder.js'
import { runTorrent } from '../support/torrent.js'
import { LOCAL, make, startSeeder } from './local-peers.js'

describe('a download from peers that were named', () => {
  it('says in the end why there is no connection with each of them', async () => {
    await using folder = new TempFolder()
    await writeRandomFile(folder.join('data', 'content.bin'), 100_000, 1)
    await writeRandomFile(folder.join('data', 'other.bin'), 100_000, 2)
    const metainfo = await make(folder.join('data', 'content.bin'), folder.join('content.torrent'))
    const other = await make(folder.join('data', 'other.bin'), folder.join('other.torrent'))
    await using seeder = await startSeeder(other, folder.join('data'))
    const nobody = `127.0.0.1:${await freePort()}`
    const peers = ['--peer', nobody, '--peer', seeder.address]
    const { code, events, stderr } = await runTorrent([
      ...['get', metainfo, '-d', folder.join('got'), ...LOCAL, '--no-tracker', '--timeout', '3s', ...peers],
    ])
    assert.equal(code, 4)
    const error = events.find(event => event.type === 'error')
    assert.ok(error?.type === 'error' && error.code === 'peers-failed', stderr)
    assert.ok(error.message.includes(`${nobody}: connection refused`), error.message)
    assert.ok(
      error.message.includes(`${seeder.address}: it closed the connection before its handshake`),
      error.message,
    )
  })
})
