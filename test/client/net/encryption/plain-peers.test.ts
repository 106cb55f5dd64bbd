import assert from 'node:assert/strict'
import { it } from 'node:test'
import { PlainPeers } from '../../../../src/client/net/encryption/plain-peers.js'

it('peers that speak plainly are remembered, the last two thousand of them', () => {
  const peers = new PlainPeers()
  const address = (port: number) => ({ host: '192.0.2.1', port })
  for (let port = 1; port <= 2_001; port++) peers.add(address(port))
  assert.ok(!peers.has(address(1)))
  assert.ok(peers.has(address(2)) && peers.has(address(2_001)))
  peers.delete(address(2))
  assert.ok(!peers.has(address(2)))
})
