// BEP 9: the metadata comes from several peers at once, whatever some of them send.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../../src/base/random.js'
import { MAX_METADATA_BYTES } from '../../../src/engine/metadata/metadata-fetcher.js'
import { METADATA_PIECE_LENGTH } from '../../../src/protocol/peer/metadata-message.js'
import { type Answer, honest, pieceOf, VirtualFetch, VirtualHolder } from './virtual-fetch.js'

/** Bytes of this many pieces, the last one shorter. */
function metadataOf(pieceCount: number): Uint8Array {
  const metadata = new Uint8Array(pieceCount * METADATA_PIECE_LENGTH - 100)
  for (let at = 0; at < metadata.length; at += 97) metadata[at] = at / 97
  return metadata
}

function fetchOf(metadata: Uint8Array): VirtualFetch {
  return new VirtualFetch(bytes => Buffer.from(bytes).equals(metadata))
}

function wrong(metadata: Uint8Array, piece: number): Uint8Array {
  const bytes = pieceOf(metadata, piece).slice()
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return bytes
}

/** A peer that sends wrong bytes for some pieces. */
function liar(metadata: Uint8Array, group: string, lies: (piece: number) => boolean, afterMs = 10) {
  return new VirtualHolder(group, metadata.length, piece => ({
    type: 'bytes',
    bytes: lies(piece) ? wrong(metadata, piece) : pieceOf(metadata, piece),
    afterMs,
  }))
}

function silent(metadata: Uint8Array, group: string): VirtualHolder {
  return new VirtualHolder(group, metadata.length, () => ({ type: 'silence' }))
}

function assertFetched(fetch: VirtualFetch, metadata: Uint8Array): void {
  assert.ok(fetch.fetched !== undefined, `not there after ${fetch.now} ms`)
  assert.ok(Buffer.from(fetch.fetched.bytes).equals(metadata))
}

describe('metadata from peers', () => {
  for (const bytes of [1, METADATA_PIECE_LENGTH, METADATA_PIECE_LENGTH + 1, 7 * METADATA_PIECE_LENGTH]) {
    it(`comes from one peer, ${bytes} bytes`, () => {
      const metadata = metadataOf(8).subarray(0, bytes)
      const fetch = fetchOf(metadata)
      const peer = honest(metadata, 'a')
      fetch.join(peer)
      fetch.run(10_000)
      assertFetched(fetch, metadata)
      const { got, size } = fetch.fetcher.progress
      assert.deepEqual([got, size], [bytes, bytes])
      assert.deepEqual(
        [...peer.heard].sort((a, b) => a - b),
        [...new Array(Math.ceil(bytes / METADATA_PIECE_LENGTH)).keys()],
      )
    })
  }

  it('comes from several peers at once, each piece once, with few requests open', () => {
    const metadata = metadataOf(100)
    const fetch = fetchOf(metadata)
    const peers = ['a', 'b', 'c', 'd'].map(group => honest(metadata, group))
    fetch.join(...peers)
    fetch.run(10_000)
    assertFetched(fetch, metadata)
    assert.equal(peers.flatMap(({ heard }) => heard).length, 100)
    for (const { heard, mostOpen } of peers) assert.ok(heard.length > 15 && mostOpen <= 16)
    assert.ok(fetch.fetched !== undefined && fetch.fetched.at <= 100)
  })

  it('says how far it has come', () => {
    const metadata = metadataOf(5)
    const fetch = fetchOf(metadata)
    const nothing = { got: 0, size: undefined, holders: 0, tooLarge: undefined }
    assert.deepEqual({ ...fetch.fetcher.progress }, nothing)
    // The last piece, the shorter one, comes at once, and others do not.
    const peer = new VirtualHolder('a', metadata.length, piece =>
      piece >= 3
        ? { type: 'bytes', bytes: pieceOf(metadata, piece), afterMs: piece === 3 ? 10 : 20 }
        : { type: 'silence' },
    )
    fetch.join(peer)
    fetch.run(15)
    const got = METADATA_PIECE_LENGTH
    assert.deepEqual(fetch.fetcher.progress, { ...nothing, got, size: metadata.length, holders: 1 })
    fetch.run(30)
    const { got: later } = fetch.fetcher.progress
    assert.equal(later, got + METADATA_PIECE_LENGTH - 100)
  })

  it('passes over a peer that stalls, drops it after a minute, and takes an answer that comes late', () => {
    const metadata = metadataOf(40)
    const fetch = fetchOf(metadata)
    const stalling = silent(metadata, 'a')
    const slow = honest(metadata, 'b', 200)
    fetch.join(stalling, slow)
    fetch.run(6_500)
    assertFetched(fetch, metadata)
    assert.equal(stalling.heard.length, 4)

    const other = fetchOf(metadata)
    const alone = silent(metadata, 'a')
    other.join(alone)
    other.run(59_000)
    assert.deepEqual([alone.heard.length, alone.dropped], [4, undefined])
    other.run(2_000)
    assert.equal(alone.dropped, 'stuck')

    const late = fetchOf(metadata)
    const hesitating = new VirtualHolder('a', metadata.length, piece => ({
      type: 'bytes',
      bytes: pieceOf(metadata, piece),
      afterMs: hesitating.heard.length <= 4 ? 8_000 : 10,
    }))
    late.join(hesitating)
    late.run(9_000)
    assertFetched(late, metadata)
    assert.equal(hesitating.heard.length, 40)
  })

  it('goes on with others where a peer leaves, and keeps what it sent', () => {
    const metadata = metadataOf(40)
    const fetch = fetchOf(metadata)
    const leaving = honest(metadata, 'a', 100)
    fetch.join(leaving)
    fetch.run(250)
    fetch.leave(leaving)
    const other = honest(metadata, 'b')
    fetch.join(other)
    fetch.run(10_000)
    assertFetched(fetch, metadata)
    assert.equal(other.heard.length, 40 - 12)
  })

  it('heeds a reject: others are asked at once, and the peer again after 10 s', () => {
    const metadata = metadataOf(10)
    const fetch = fetchOf(metadata)
    let isWilling = false
    const rejecting = new VirtualHolder('a', metadata.length, piece =>
      isWilling
        ? { type: 'bytes', bytes: pieceOf(metadata, piece), afterMs: 10 }
        : { type: 'reject', afterMs: 10 },
    )
    fetch.join(rejecting)
    fetch.run(9_000)
    assert.equal(rejecting.heard.length, 4)
    isWilling = true
    fetch.run(3_000)
    assertFetched(fetch, metadata)

    const second = fetchOf(metadata)
    isWilling = false
    rejecting.heard.length = 0
    rejecting.askedPieces.clear()
    second.join(rejecting, honest(metadata, 'b'))
    second.run(100)
    assertFetched(second, metadata)
  })

  it('refuses more than 30 MiB before it asks for anything, and says so', () => {
    const fetch = new VirtualFetch(() => false)
    const peer = new VirtualHolder('a', MAX_METADATA_BYTES + 1, () => ({ type: 'silence' }))
    fetch.join(peer)
    fetch.run(10_000)
    assert.deepEqual([peer.heard, peer.dropped], [[], undefined])
    assert.equal(fetch.fetcher.progress.tooLarge, MAX_METADATA_BYTES + 1)
  })
})

describe('metadata whose hash takes a while', () => {
  it('counts when it is known to be right, whoever has gone meanwhile', () => {
    const metadata = metadataOf(3)
    const pending: (() => void)[] = []
    const fetch = new VirtualFetch(
      bytes => Buffer.from(bytes).equals(metadata),
      tell => pending.push(tell),
    )
    const peer = honest(metadata, 'a')
    fetch.join(peer)
    fetch.run(5_000)
    assert.deepEqual([pending.length, fetch.fetched], [1, undefined])
    fetch.leave(peer)
    pending[0]?.()
    assertFetched(fetch, metadata)
  })

  it('is fetched from others where it is wrong, whoever has gone or come meanwhile', () => {
    const metadata = metadataOf(3)
    const pending: (() => void)[] = []
    const fetch = new VirtualFetch(
      bytes => Buffer.from(bytes).equals(metadata),
      tell => pending.push(tell),
    )
    const lying = liar(metadata, 'a', () => true)
    fetch.join(lying)
    fetch.run(1_000)
    const peer = honest(metadata, 'b')
    fetch.join(peer)
    fetch.run(1_000)
    assert.deepEqual([pending.length, peer.heard.length], [1, 0])
    fetch.leave(lying)
    pending.shift()?.()
    fetch.run(1_000)
    assert.equal(pending.length, 1)
    pending.shift()?.()
    assertFetched(fetch, metadata)
  })
})

describe('metadata that peers lie about', () => {
  it('a peer that states another size costs only its own connection', () => {
    const metadata = metadataOf(40)
    const fetch = fetchOf(metadata)
    const [shorter, longer] = [metadata.subarray(0, 5_000), metadataOf(60)]
    const liars = [honest(shorter, 'a'), honest(longer, 'b', 30)]
    const right = honest(metadata, 'c')
    fetch.join(...liars, right)
    fetch.run(5_000)
    assertFetched(fetch, metadata)
    assert.deepEqual(
      [...liars, right].map(({ dropped }) => dropped),
      ['protocol-error', 'protocol-error', undefined],
    )
  })

  it('a peer that alone sent wrong bytes is dropped, and another asked', () => {
    const metadata = metadataOf(1)
    const fetch = fetchOf(metadata)
    const lying = liar(metadata, 'a', () => true)
    const right = honest(metadata, 'b')
    fetch.join(lying, right)
    fetch.run(5_000)
    assertFetched(fetch, metadata)
    assert.deepEqual([lying.dropped, right.dropped], ['protocol-error', undefined])
  })

  it('of several that filled one draft the liar is found, whichever it is, and no other is dropped', () => {
    for (const at of [0, 1, 2, 3]) {
      const metadata = metadataOf(40)
      const fetch = fetchOf(metadata)
      const peers = [0, 1, 2, 3].map(index =>
        index === at ? liar(metadata, `${index}`, () => true) : honest(metadata, `${index}`),
      )
      fetch.join(...peers)
      fetch.run(30_000)
      assertFetched(fetch, metadata)
      assert.deepEqual(
        peers.map(({ dropped }) => dropped),
        peers.map((_, index) => (index === at ? 'protocol-error' : undefined)),
      )
    }
  })

  it('does not fetch anew what a peer has sent when its own draft begins', () => {
    const metadata = metadataOf(40)
    const fetch = fetchOf(metadata)
    const right = honest(metadata, 'a')
    const lying = liar(metadata, 'b', () => true)
    fetch.join(right, lying)
    fetch.run(30_000)
    assertFetched(fetch, metadata)
    assert.equal(new Set(right.heard).size, right.heard.length)
  })

  it('many sizes at once, each sent slowly, do not keep the right one from being heard', () => {
    const metadata = metadataOf(40)
    const fetch = fetchOf(metadata)
    const liars = [...new Array(30).keys()].map(index =>
      honest(new Uint8Array(MAX_METADATA_BYTES - index), `${index}`, 4_000),
    )
    fetch.join(...liars)
    fetch.run(10_000)
    const right = honest(metadata, 'right', 200)
    fetch.join(right)
    fetch.run(600_000)
    assertFetched(fetch, metadata)
    assert.ok(liars.every(({ dropped }) => dropped === 'protocol-error'))
  })

  it('comes through among hostile peers of every kind, in any order', () => {
    const counted = { liars: 0, wrongSizes: 0, stalls: 0, rejects: 0 }
    for (let seed = 1; seed <= 200; seed++) {
      const random = new SeededRandom(seed)
      const metadata = metadataOf(1 + random.below(30))
      const fetch = fetchOf(metadata)
      const peers = [...new Array(1 + random.below(8)).keys()].map(index => hostile(index))
      const right = honest(metadata, 'right', 1 + random.below(300))
      peers.splice(random.below(peers.length + 1), 0, right)
      for (const peer of peers) {
        fetch.join(peer)
        fetch.run(random.below(200))
      }
      fetch.run(900_000)
      assert.ok(fetch.fetched !== undefined, `not there, seed ${seed}`)
      assert.ok(Buffer.from(fetch.fetched.bytes).equals(metadata), `seed ${seed}`)
      assert.equal(right.dropped, undefined, `the honest peer was dropped, seed ${seed}`)

      function hostile(index: number): VirtualHolder {
        const group = `${index}`
        const afterMs = 1 + random.below(3_000)
        const rate = 1 + random.below(4)
        switch (random.below(4)) {
          case 0:
            counted.liars++
            return liar(metadata, group, () => random.below(rate) === 0, afterMs)
          case 1:
            counted.wrongSizes++
            return honest(metadataOf(1 + random.below(30)).subarray(7), group, afterMs)
          case 2:
            counted.stalls++
            return new VirtualHolder(group, metadata.length, piece => now(piece, { type: 'silence' }))
          default:
            counted.rejects++
            return new VirtualHolder(group, metadata.length, piece => now(piece, { type: 'reject', afterMs }))
        }
        function now(piece: number, otherwise: Answer): Answer {
          if (random.below(3) === 0) return otherwise
          return { type: 'bytes', bytes: pieceOf(metadata, piece), afterMs }
        }
      }
    }
    assert.ok(Math.min(...Object.values(counted)) > 50, JSON.stringify(counted))
  })
})
