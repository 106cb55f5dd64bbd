// Sessions over transports other than TCP: what carries the bytes is nothing to the rest of the session.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ListenError } from '../../../src/base/listen.js'
import type { EncryptionMode } from '../../../src/client/net/encryption/encryption-mode.js'
import type { Transport } from '../../../src/client/net/transport.js'
import { listenOnAll } from '../../../src/client/net/transports.js'
import { Session } from '../../../src/client/session.js'
import { digestTree } from '../../support/content.js'
import { within } from '../../support/deadline.js'
import { MemoryNetwork } from '../support/memory-network.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { handles, Watch } from '../support/watch.js'

const WITHIN_MS = 20_000
const SEEDER = { host: '192.0.2.1', port: 6_881 }
const GETTER = { host: '192.0.2.2', port: 6_882 }

async function seed(session: Session, ...samples: readonly SampleTorrent[]): Promise<void> {
  for (const { metainfo, dataDir } of samples) {
    const task = session.add(metainfo, { dir: dataDir, mode: 'seed', useTrackers: false })
    await within(WITHIN_MS, 'the seeder', new Watch(task).until('seeding'))
  }
}

async function get(session: Session, sample: SampleTorrent): Promise<void> {
  const dir = sample.dir('got')
  const task = session.add(sample.metainfo, { dir, mode: 'get', useTrackers: false, peers: [SEEDER] })
  await within(WITHIN_MS, 'the content', new Watch(task).until('complete'))
  assert.deepEqual(await digestTree(dir), await digestTree(sample.dataDir))
}

describe('two sessions on a transport in memory', () => {
  for (const encryption of ['prefer', 'require', 'off'] satisfies EncryptionMode[]) {
    it(`exchange a torrent without a socket, encryption: ${encryption}`, async () => {
      await using sample = await SampleTorrent.make()
      const network = new MemoryNetwork()
      await using seeder = await Session.open({ encryption }, [network.host(SEEDER)])
      await using getter = await Session.open({ encryption }, [network.host(GETTER)])
      assert.deepEqual([seeder.port, getter.port], [SEEDER.port, GETTER.port])
      await seed(seeder, sample)
      await get(getter, sample)
      assert.deepEqual(
        handles().filter(kind => kind.startsWith('TCP')),
        [],
      )
    })
  }
})

describe('a session with two transports', () => {
  it('reaches a peer over the second where the first does not lead to it, and begins with that from then on', async () => {
    await using first = await SampleTorrent.make({ seed: 1 })
    await using second = await SampleTorrent.make({ seed: 2 })
    const network = new MemoryNetwork()
    await using seeder = await Session.open({}, [network.host(SEEDER)])
    await seed(seeder, first, second)
    const nowhere = new MemoryNetwork().host()
    const there = network.host(GETTER)
    await using getter = await Session.open({}, [nowhere, there])
    // The first can't be reached, so that it is the second whose port is told.
    assert.equal(getter.port, GETTER.port)

    await get(getter, first)
    assert.deepEqual(nowhere.dialled, [SEEDER])
    assert.deepEqual(there.dialled, [SEEDER])
    await get(getter, second)
    assert.deepEqual(nowhere.dialled, [SEEDER])
    assert.deepEqual(there.dialled, [SEEDER, SEEDER])
  })

  it('falls back to a plain connection over the second, and remembers that as well', async () => {
    await using first = await SampleTorrent.make({ seed: 1 })
    await using second = await SampleTorrent.make({ seed: 2 })
    const network = new MemoryNetwork()
    await using seeder = await Session.open({ encryption: 'off' }, [network.host(SEEDER)])
    await seed(seeder, first, second)
    const there = network.host(GETTER)
    await using getter = await Session.open({}, [new MemoryNetwork().host(), there])
    await get(getter, first)
    assert.equal(there.dialled.length, 2)
    await get(getter, second)
    assert.equal(there.dialled.length, 3)
  })

  it('listens on none where it cannot listen on one of them', async () => {
    let closed = 0
    const transport = (listen: Transport['listen']): Transport => ({
      name: 'memory',
      connect: () => assert.fail('nothing is to be connected'),
      listen,
    })
    const open = transport(async () => ({
      port: 1,
      localAddress: undefined,
      close: async () => void closed++,
    }))
    const error = new ListenError('port-in-use', 'taken', { port: 2, host: undefined })
    const taken = transport(() => Promise.reject(error))
    await assert.rejects(
      listenOnAll([open, taken], () => {}),
      error,
    )
    assert.equal(closed, 1)
  })
})
