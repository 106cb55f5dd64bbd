import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CodedError } from '../../src/base/errors.js'
import type { FinderKind, SoughtTorrent } from '../../src/discovery/finder.js'
import { Finders } from '../../src/discovery/finders.js'
import { type PeerSource, TRUST_RANK } from '../../src/protocol/peer-source.js'
import { ScriptedFinders } from './scripted-finder.js'

const PEER = { host: '192.0.2.1', port: 6881 }
const OTHER = { host: '192.0.2.2', port: 6881 }
const ALL = (Object.keys(TRUST_RANK) as PeerSource[]).filter(source => source !== 'incoming')

function torrent(isPrivate = false): SoughtTorrent {
  return {
    infoHashes: [],
    isPrivate,
    stats: () => ({ uploaded: 0, downloaded: 0, left: 1, isPartialSeed: false }),
  }
}

/** Finders of a torrent, and what they told it. */
function compose(kinds: readonly FinderKind[], isPrivate = false) {
  const setup = {
    wantsPeers: true,
    found: [] as [PeerSource, string][],
    warnings: [] as [code: string, message: string][],
  }
  const finders = new Finders(kinds, torrent(isPrivate), {
    found: (addresses, source) => {
      for (const { host } of addresses) setup.found.push([source, host])
    },
    wantsPeers: () => setup.wantsPeers,
    onWarning: (code, message) => setup.warnings.push([code, message]),
  })
  return { ...setup, setup, finders }
}

describe('the finders of a torrent', () => {
  it('are each told to start and stop, and that the download is complete', async () => {
    const [one, two] = [new ScriptedFinders('tracker'), new ScriptedFinders('dht')]
    const { finders } = compose([one, two])
    finders.start()
    finders.completed()
    await finders.stop()
    for (const { told } of [one, two]) assert.deepEqual(told, ['finderFor', 'start', 'completed', 'stop'])
  })

  it('need not hear what does not matter to them', async () => {
    const found: FinderKind = {
      source: 'dht',
      finderFor: () => ({ status: { type: 'searching' }, start: () => {}, stop: async () => {} }),
    }
    const { finders, setup } = compose([found])
    finders.start()
    finders.completed()
    setup.wantsPeers = false
    finders.onSecond(0)
    await finders.stop()
    assert.deepEqual(finders.status, [{ source: 'dht', status: { type: 'searching' } }])
  })

  it('report addresses with their source, and none once they were stopped', async () => {
    const [trackers, dht] = [new ScriptedFinders('tracker', [PEER]), new ScriptedFinders('dht', [OTHER])]
    const { finders, found } = compose([trackers, dht])
    finders.start()
    const expected = [
      ['tracker', PEER.host],
      ['dht', OTHER.host],
    ]
    assert.deepEqual(found, expected)
    await finders.stop()
    dht.owner?.found([PEER])
    assert.deepEqual(found, expected)
  })

  it('are told when peers are wanted no more, or again, at most every 30 s', () => {
    const dht = new ScriptedFinders('dht')
    const { finders, setup } = compose([dht])
    const told = (wants: boolean, second: number) => {
      setup.wantsPeers = wants
      finders.onSecond(second * 1000)
      return dht.told.at(-1)
    }
    finders.start()
    assert.equal(told(true, 1), 'start')
    assert.equal(told(false, 30), 'start')
    assert.equal(told(false, 31), 'wantsPeers false')
    assert.equal(told(true, 60), 'wantsPeers false')
    assert.equal(told(true, 61), 'wantsPeers true')
    assert.equal(dht.told.length, 4)
  })

  it('of a private torrent are those of trackers and of the user; the others are not made (BEP 27)', () => {
    const kinds = ALL.map(source => new ScriptedFinders(source, [PEER]))
    const { finders, found } = compose(kinds, true)
    finders.start()
    finders.completed()
    assert.deepEqual(found.map(([source]) => source).sort(), ['tracker', 'user'])
    for (const { source, told } of kinds) {
      const isOff = source !== 'tracker' && source !== 'user'
      assert.equal(told.length === 0, isOff, source)
      assert.deepEqual(
        finders.status.find(report => report.source === source)?.status,
        isOff ? { type: 'off', reason: 'private' } : { type: 'searching' },
      )
    }
  })
})

describe('a torrent whose metainfo comes while peers are looked for', () => {
  const known = { infoHashes: [new Uint8Array(20), new Uint8Array(20).fill(1)] }

  it('tells each finder all hashes', async () => {
    const kinds = [new ScriptedFinders('tracker'), new ScriptedFinders('dht')]
    const { finders } = compose(kinds)
    finders.start()
    finders.resolved({ ...known, isPrivate: false })
    for (const { told } of kinds) assert.deepEqual(told, ['finderFor', 'start', 'resolved 2'])
    await finders.stop()
  })

  it('and that is private ends the finders that it may not use, which find nothing from then on (BEP 27)', async () => {
    const [tracker, dht] = [new ScriptedFinders('tracker'), new ScriptedFinders('dht')]
    const { finders, found } = compose([tracker, dht])
    finders.start()
    finders.resolved({ ...known, isPrivate: true })
    dht.owner?.found([{ host: '192.0.2.1', port: 1 }])
    assert.deepEqual(dht.told, ['finderFor', 'start', 'stop'])
    assert.deepEqual(found, [])
    assert.deepEqual(finders.status[1], { source: 'dht', status: { type: 'off', reason: 'private' } })
    await finders.stop()
    assert.deepEqual(tracker.told, ['finderFor', 'start', 'resolved 2', 'stop'])
  })
})

describe('a finder that fails', () => {
  const failure = new CodedError('no-socket', 'no socket for the DHT', {})

  for (const call of ['finderFor', 'start', 'completed', 'wantsPeers', 'stop'] as const) {
    it(`in ${call} does not touch the others, is warned of once, and shows it`, async () => {
      const [before, failing, after] = [
        new ScriptedFinders('tracker'),
        new ScriptedFinders('dht'),
        new ScriptedFinders('lsd'),
      ]
      failing.failures.set(call, failure)
      const { finders, setup, warnings } = compose([before, failing, after])
      finders.start()
      finders.completed()
      setup.wantsPeers = false
      finders.onSecond(0)
      await finders.stop()
      const all = ['finderFor', 'start', 'completed', 'wantsPeers false', 'stop']
      assert.deepEqual([before.told, after.told], [all, all])
      assert.deepEqual(warnings, [['no-socket', 'no socket for the DHT']])
      assert.deepEqual(
        finders.status.map(({ status }) => status.type),
        ['searching', 'failed', 'searching'],
      )
      // What it holds can be given back although it failed, unless there is nothing to stop.
      assert.equal(failing.told.at(-1), call === 'finderFor' ? 'finderFor' : 'stop')
    })
  }

  it('by a mistake of its program is no failure: the mistake is thrown', () => {
    const failing = new ScriptedFinders('dht')
    failing.failures.set('start', new TypeError('mistake'))
    const { finders } = compose([failing])
    assert.throws(() => finders.start(), /mistake/)
  })
})
