import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Candidate, Candidates } from '../../../src/engine/connect/candidates.js'
import { HeardPeers } from '../../../src/engine/extensions/heard-peers.js'
import type { AddressScope } from '../../../src/protocol/address-scope.js'
import type { PeerAddress } from '../../../src/protocol/peer-address.js'

const MINUTE = 60_000

const at = (number: number): PeerAddress => ({ host: `8.8.${number >> 8}.${number & 255}`, port: 6881 })
const numbered = (from: number, count: number) => Array.from({ length: count }, (_, i) => at(from + i))

/** As peer exchange does it: known addresses are not added again. */
function addNew(candidates: Candidates, address: PeerAddress): Candidate | undefined {
  return candidates.get(address) === undefined ? candidates.add(address, 'pex') : undefined
}

/** One `HeardPeers`, and the candidates that it adds. */
function hearing(sender: AddressScope = 'anywhere') {
  const heard = new HeardPeers(sender, 0)
  const candidates = new Candidates()
  const take = (added: readonly PeerAddress[], dropped: readonly PeerAddress[] = []) => {
    const message = { added: added.map(address => ({ address, flags: 0 })), dropped }
    const before = candidates.size
    const isNew = heard.take(message, ({ address }) => addNew(candidates, address))
    assert.equal(isNew, candidates.size > before)
    return candidates.size - before
  }
  return { heard, candidates, take }
}

test('a message a minute is read; three may come together, many are a flood', () => {
  const { heard } = hearing()
  const at = (minutes: number) => heard.arrives(minutes * MINUTE)
  assert.deepEqual([at(0), at(0), at(0), at(0)], ['in-time', 'in-time', 'in-time', 'too-early'])
  assert.deepEqual(
    [at(0.9), at(1), at(1.1), at(2), at(2.1)],
    ['too-early', 'in-time', 'too-early', 'in-time', 'too-early'],
  )
  // Unused credit does not add up without limit.
  assert.deepEqual([at(60), at(60), at(60), at(60)], ['in-time', 'in-time', 'in-time', 'too-early'])
  const later = Array.from({ length: 6 }, () => at(60))
  assert.equal(later.at(-2), 'too-early')
  assert.equal(later.at(-1), 'flood')
})

test('at most 50 addresses wait to be tried; each that was tried makes room', () => {
  const { candidates, take } = hearing()
  assert.equal(take(numbered(0, 80)), 50)
  assert.equal(take(numbered(100, 10)), 0)
  for (let count = 0; count < 4; count++) candidates.failed(candidates.next(0)!, 0)
  candidates.connected(candidates.next(0)!)
  assert.equal(take(numbered(200, 10)), 5)
})

test('at most 200 peers are believed to be connected', () => {
  const { candidates, take } = hearing()
  let count = 0
  for (let round = 0; round < 10; round++) {
    count += take(numbered(round * 50, 50))
    for (let next = candidates.next(0); next !== undefined; next = candidates.next(0))
      candidates.connected(next)
  }
  assert.equal(count, 200)
  assert.equal(take(numbered(1_000, 5), numbered(0, 3)), 3)
})

test('a host counts once, whatever its ports, but for those of this machine', () => {
  const ports = Array.from({ length: 10 }, (_, i) => ({ host: '8.8.8.8', port: 1000 + i }))
  assert.equal(hearing().take(ports), 1)
  const local = ports.map(({ port }) => ({ host: '127.0.0.1', port }))
  assert.equal(hearing('machine').take(local), 10)
})

test('addresses that mean nothing here are left out', () => {
  const hosts = [
    '127.0.0.1',
    '::1',
    '10.0.0.1',
    '192.168.1.1',
    'fd00::1',
    '224.0.0.1',
    '255.255.255.255',
    'fe80::1',
    '192.0.2.1',
  ]
  assert.equal(hearing().take(hosts.map(host => ({ host, port: 6881 }))), 0)
  const fromHome = hearing('network')
  assert.equal(fromHome.take(hosts.map(host => ({ host, port: 6881 }))), 3)
  assert.deepEqual(
    ['10.0.0.1', '192.168.1.1', 'fd00::1'].map(
      host => fromHome.candidates.get({ host, port: 6881 })?.failures,
    ),
    [0, 0, 0],
  )
})

test('an address that two peers name is one candidate', () => {
  const candidates = new Candidates()
  const message = { added: [{ address: at(1), flags: 0 }], dropped: [] }
  const add = (peer: { address: PeerAddress }) => addNew(candidates, peer.address)
  assert.equal(new HeardPeers('anywhere', 0).take(message, add), true)
  assert.equal(new HeardPeers('anywhere', 0).take(message, add), false)
  assert.equal(candidates.size, 1)
})
