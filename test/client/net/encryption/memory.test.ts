import assert from 'node:assert/strict'
import { it } from 'node:test'
import { PlainPeers } from '../../../../src/client/net/encryption/plain-peers.js'
import { TorrentMarks } from '../../../../src/client/net/encryption/torrent-marks.js'
import { torrentMark } from '../../../../src/protocol/encryption/stream-keys.js'
import { sha1 } from '../../../protocol/encryption/sides.js'

function infoHash(number: number): Uint8Array {
  const hash = new Uint8Array(20)
  new DataView(hash.buffer).setUint32(0, number)
  return hash
}

it('a torrent is found by its mark among thousands, until it is gone', () => {
  const marks = new TorrentMarks()
  for (let i = 0; i < 10_000; i++) marks.add(infoHash(i))
  for (const number of [0, 5_000, 9_999]) {
    assert.deepEqual(marks.find(torrentMark(sha1, infoHash(number))), infoHash(number))
  }
  assert.equal(marks.find(torrentMark(sha1, infoHash(10_000))), undefined)
  assert.equal(marks.find(infoHash(5_000)), undefined)
  marks.delete(infoHash(5_000))
  assert.equal(marks.find(torrentMark(sha1, infoHash(5_000))), undefined)
})

it('peers that speak plainly are remembered, the last two thousand of them', () => {
  const peers = new PlainPeers()
  const address = (port: number) => ({ host: '192.0.2.1', port })
  for (let port = 1; port <= 2_001; port++) peers.add(address(port))
  assert.ok(!peers.has(address(1)))
  assert.ok(peers.has(address(2)) && peers.has(address(2_001)))
  peers.delete(address(2))
  assert.ok(!peers.has(address(2)))
})
