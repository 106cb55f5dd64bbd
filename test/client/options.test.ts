// Options that programs give: what is wrong with them is said at once, and nothing is begun.

import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { describe, it } from 'node:test'
import { ListenError } from '../../src/base/listen.js'
import { OptionError } from '../../src/client/option-error.js'
import { Session, type SessionOptions } from '../../src/client/session.js'
import type { AddOptions } from '../../src/client/task/task-host.js'
import { within } from '../support/deadline.js'
import { SampleTorrent } from './support/sample-torrent.js'
import { handles, Watch } from './support/watch.js'

const WITHIN_MS = 20_000
const HAS_IPV6 = Object.values(networkInterfaces()).some(all => all?.some(({ family }) => family === 'IPv6'))

const isBad = (option: string) => (error: unknown) =>
  error instanceof OptionError && error.code === 'bad-option' && error.facts.option === option

describe('a session is not opened with', () => {
  const cases: readonly (readonly [option: string, value: unknown])[] = [
    ['port', -1],
    ['port', 65_536],
    ['port', 1.5],
    ['port', Number.NaN],
    ['bind', ''],
    ['maxPeers', 0],
    ['maxPeers', -1],
    ['maxPeers', Number.NaN],
    ['maxPeers', '5'],
    ['encryption', 'maybe'],
    ['limitsLocalPeers', 'no'],
    ['saveIntervalMs', 0],
  ]
  for (const [option, value] of cases) {
    it(`${option} ${JSON.stringify(value)}`, async () => {
      const before = handles()
      await assert.rejects(Session.open({ [option]: value } as SessionOptions), isBad(option))
      assert.deepEqual(handles(), before)
    })
  }

  it('a negative limit', async () => {
    await assert.rejects(Session.open({ limits: { down: -1 } }), isBad('limits.down'))
    await assert.rejects(Session.open({ limits: { up: Number.NaN } }), isBad('limits.up'))
  })

  it('a name that stands for no address', async () => {
    await assert.rejects(Session.open({ port: 0, bind: 'no.such.host.invalid' }), ListenError)
  })
})

describe('a torrent is not added with', () => {
  const peer = (host: string, port: number) => [{ host, port }]
  const cases: readonly (readonly [what: string, option: string, changes: object])[] = [
    ['a peer that is a host name', 'peers', { peers: peer('localhost', 6881) }],
    ['a peer at port 0', 'peers', { peers: peer('127.0.0.1', 0) }],
    ['a peer at port 70,000', 'peers', { peers: peer('127.0.0.1', 70_000) }],
    ['a negative ratio', 'goals.ratio', { goals: { ratio: -1 } }],
    ['a time to seed for that is no number', 'goals.seedTimeSeconds', { goals: { seedTimeSeconds: '1h' } }],
    ['no folder', 'dir', { dir: '' }],
    ['an unknown mode', 'mode', { mode: 'take' }],
    ['an unknown order', 'pick', { pick: 'best' }],
    ['no slots', 'upload.slots', { upload: { slots: 0 } }],
    ['an unknown choker', 'upload.seedChoker', { upload: { seedChoker: 'best' } }],
    ['a tracker outside of a tier', 'trackers', { trackers: ['http://127.0.0.1/announce'] }],
    ['a negative limit', 'limits.up', { limits: { up: -1 } }],
  ]
  for (const [what, option, changes] of cases) {
    it(what, async () => {
      await using sample = await SampleTorrent.make({ bytes: 65_536 })
      await using session = await Session.open({ port: 0, bind: '127.0.0.1' })
      const options = { dir: sample.dir('got'), mode: 'get', ...changes } as AddOptions
      assert.throws(() => session.add(sample.metainfo, options), isBad(option))
      assert.equal(session.torrents.size, 0)
    })
  }
})

describe('a session that is bound to', () => {
  it('a name connects from the address that the name stands for', async () => {
    await using sample = await SampleTorrent.make()
    await using seeder = await Session.open({ port: 0, bind: 'localhost' })
    await using leecher = await Session.open({ port: 0, bind: 'localhost' })
    const seeding = new Watch(seeder.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' }))
    await within(WITHIN_MS, 'the seeder', seeding.until('seeding'))
    assert.ok(seeder.bind !== undefined && seeder.bind !== 'localhost')
    const peers = [{ host: seeder.bind, port: seeder.port }]
    const got = new Watch(leecher.add(sample.metainfo, { dir: sample.dir('got'), mode: 'get', peers }))
    await within(WITHIN_MS, 'complete', got.until('complete'))
  })

  it('every address of both families reaches IPv4 peers', { skip: !HAS_IPV6 }, async () => {
    await using sample = await SampleTorrent.make()
    await using seeder = await Session.open({ port: 0, bind: '127.0.0.1' })
    await using leecher = await Session.open({ port: 0, bind: '::' })
    const seeding = new Watch(seeder.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' }))
    await within(WITHIN_MS, 'the seeder', seeding.until('seeding'))
    const peers = [{ host: '127.0.0.1', port: seeder.port }]
    const got = new Watch(leecher.add(sample.metainfo, { dir: sample.dir('got'), mode: 'get', peers }))
    await within(WITHIN_MS, 'complete', got.until('complete'))
  })
})
