import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Node, Post, plainInfo } from '../support/joined-engines.js'

it('at most eight addresses of one host are dialled at a time, however many ports are named', () => {
  const post = new Post()
  const node = new Node({ post, info: plainInfo(4), maxPeers: 100 })
  const ports = Array.from({ length: 1_000 }, (_, i) => ({ host: '192.0.2.1', port: 1_000 + i }))
  node.torrent.addCandidates([...ports, { host: '192.0.2.2', port: 1 }], 'tracker')
  assert.equal(node.dials.filter(({ host }) => host === '192.0.2.1').length, 8)
  assert.equal(node.dials.filter(({ host }) => host === '192.0.2.2').length, 1)
  // One attempt is decided: there is room for another.
  const [first] = node.dials
  if (first !== undefined) node.torrent.connectFailed(first, 'unreachable')
  node.torrent.onSecond()
  assert.equal(node.dials.length, 10)
})
