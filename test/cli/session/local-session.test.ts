import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { LocalSession } from '../../../src/cli/session/local-session.js'
import type { TorrentEvent } from '../../../src/cli/session/session-port.js'
import { SampleTorrent } from '../../client/support/sample-torrent.js'
import { turns } from '../../client/support/watch.js'
import { within } from '../../support/deadline.js'

const WITHIN_MS = 20_000

describe('a session in this process', () => {
  let sample: SampleTorrent
  before(async () => {
    sample = await SampleTorrent.make({ bytes: 100_000 })
  })
  after(() => sample[Symbol.asyncDispose]())

  it('tells a listener all events from the first on, in their order, whenever it comes', async () => {
    await using session = await LocalSession.open({ port: 0, bind: '127.0.0.1' })
    const torrent = await session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' })
    await turns(3)
    const types: string[] = []
    const seeding = new Promise<TorrentEvent>(resolve =>
      torrent.onEvent(event => {
        types.push(event.type)
        if (event.type === 'seeding') resolve(event)
      }),
    )
    await within(WITHIN_MS, 'seeding', seeding)
    assert.deepEqual(types, ['checking', 'seeding'])
    assert.equal(torrent.status.state, 'seeding')
  })

  it('has a snapshot of a torrent also after it was removed', async () => {
    await using session = await LocalSession.open({ port: 0, bind: '127.0.0.1' })
    const torrent = await session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' })
    await torrent.remove()
    assert.equal(torrent.status.total, 100_000)
  })

  it('rejects a torrent that it has already', async () => {
    await using session = await LocalSession.open({ port: 0, bind: '127.0.0.1' })
    await session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' })
    const again = session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' })
    await assert.rejects(again, { name: 'SessionError', code: 'duplicate' })
  })
})
