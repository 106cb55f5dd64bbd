import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Waiting } from '../../../src/cli/transfer/waiting.js'

const ALONE = { state: 'downloading', peers: 0, seeds: 0, metadata: undefined } as const
const NOBODY = { hasTrackers: false, hasPeers: false, hasWebSeeds: false }
const TRACKERS = { ...NOBODY, hasTrackers: true }
const QUIET = { hasWarned: false, failures: [] }
const PEERS = { ...NOBODY, hasPeers: true }

describe('a download that stands still', () => {
  it('says why after ten seconds, once', () => {
    const waiting = new Waiting(TRACKERS)
    assert.equal(waiting.lineAfter(9, ALONE, QUIET), undefined)
    assert.match(
      waiting.lineAfter(10, ALONE, QUIET) ?? '',
      /^no peer yet: its trackers know of no other peers; /,
    )
    assert.equal(waiting.lineAfter(11, ALONE, QUIET), undefined)
  })

  const CASES = [
    ['refers to what trackers said', TRACKERS, ALONE, true, /no peer yet \(see the warnings above\)/],
    ['waits for peers that were named', PEERS, ALONE, false, /^no peer yet; still waiting/],
    [
      'counts peers that have nothing',
      TRACKERS,
      { ...ALONE, peers: 2 },
      false,
      /^2 peers, but none has the missing pieces/,
    ],
    [
      'counts peers that have sent nothing',
      TRACKERS,
      { ...ALONE, peers: 1, seeds: 1 },
      false,
      /^1 peer, but none has sent data yet/,
    ],
  ] as const
  for (const [what, sources, status, hasWarned, expected] of CASES) {
    it(what, () =>
      assert.match(new Waiting(sources).lineAfter(10, status, { ...QUIET, hasWarned }) ?? '', expected),
    )
  }

  it('says why the peers that were named are not there', () => {
    const address = { host: '2001:db8::1', port: 1 }
    const failures = [{ address, reason: 'it has another torrent' }]
    assert.match(
      new Waiting(PEERS).lineAfter(10, ALONE, { hasWarned: false, failures }) ?? '',
      /^no peer yet: \[2001:db8::1\]:1: it has another torrent; still waiting/,
    )
  })

  it('has a problem from the start where nobody can be asked', () => {
    assert.equal(new Waiting(TRACKERS).problem, undefined)
    assert.equal(new Waiting(PEERS).problem, undefined)
    const { problem } = new Waiting(NOBODY)
    assert.match(problem ?? '', /^there is no tracker .* --tracker or a peer with --peer$/)
  })

  it('says that web seeds are not used, where there is nothing else', () => {
    const { problem } = new Waiting({ ...NOBODY, hasWebSeeds: true })
    assert.match(problem ?? '', /^web seeds are not used yet, and there is no tracker/)
    assert.equal(new Waiting({ ...PEERS, hasWebSeeds: true }).problem, undefined)
  })

  const METADATA = { got: 0, size: undefined, holders: 0, tooLarge: undefined }
  const FETCHING = { ...ALONE, state: 'metadata', metadata: METADATA } as const
  const BOTH = { ...TRACKERS, hasPeers: true }
  const FETCHING_CASES = [
    ['no peer was found', FETCHING, /^no peer found: asked trackers and the named peers; still/],
    ['no peer has it', { ...FETCHING, peers: 2 }, /^2 peers, and none gives the metadata; still/],
    [
      'peers have it and give nothing',
      { ...FETCHING, peers: 2, metadata: { ...METADATA, holders: 1 } },
      /^1 peer with the metadata, and nothing comes/,
    ],
    [
      'it is too large',
      { ...FETCHING, peers: 1, metadata: { ...METADATA, tooLarge: 40 * 2 ** 20 } },
      /^the metadata has 40\.0 MiB, which is too large/,
    ],
  ] as const
  for (const [what, status, expected] of FETCHING_CASES) {
    it(`of a magnet link says that ${what}`, () =>
      assert.match(new Waiting(BOTH).lineAfter(10, status, QUIET) ?? '', expected))
  }

  it('says why again once the metadata is here', () => {
    const waiting = new Waiting(TRACKERS)
    assert.ok(waiting.lineAfter(10, FETCHING, QUIET))
    assert.equal(waiting.lineAfter(11, FETCHING, QUIET), undefined)
    assert.ok(waiting.lineAfter(10, ALONE, QUIET))
  })
})
