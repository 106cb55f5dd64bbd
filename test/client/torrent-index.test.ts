import assert from 'node:assert/strict'
import { it } from 'node:test'
import { TorrentIndex } from '../../src/client/torrent-index.js'
import { torrentMark } from '../../src/protocol/encryption/stream-keys.js'
import { sha1 } from '../protocol/encryption/sides.js'

function infoHash(number: number): Uint8Array {
  const hash = new Uint8Array(20)
  new DataView(hash.buffer).setUint32(0, number)
  return hash
}

it('a torrent is found by each of its hashes and their marks among thousands, until it is gone', () => {
  const index = new TorrentIndex<number>()
  const hashesOf = (torrent: number) => [infoHash(2 * torrent), infoHash(2 * torrent + 1)]
  for (let torrent = 0; torrent < 10_000; torrent++) index.add(hashesOf(torrent), torrent)
  for (const torrent of [0, 5_000, 9_999]) {
    for (const hash of hashesOf(torrent)) {
      assert.equal(index.find(hash), torrent)
      assert.deepEqual(index.findByMark(torrentMark(sha1, hash)), hash)
    }
  }
  assert.equal(index.find(infoHash(20_000)), undefined)
  assert.equal(index.findByMark(torrentMark(sha1, infoHash(20_000))), undefined)
  assert.equal(index.findByMark(infoHash(5_000)), undefined)
  index.delete(hashesOf(5_000))
  for (const hash of hashesOf(5_000)) {
    assert.equal(index.find(hash), undefined)
    assert.equal(index.findByMark(torrentMark(sha1, hash)), undefined)
  }
})
