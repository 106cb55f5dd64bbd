import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ToldPeers } from '../../../src/engine/extensions/told-peers.js'
import { formatAddress, type PeerAddress } from '../../../src/protocol/peer-address.js'

const at = (number: number): PeerAddress => ({ host: `10.0.${number >> 8}.${number & 255}`, port: 6881 })

/** Addresses with these numbers are connected now. */
function connectedTo(...numbers: readonly number[]) {
  return new Map(numbers.map(number => [formatAddress(at(number)), { address: at(number), flags: 0 }]))
}

const upTo = (count: number) => Array.from({ length: count }, (_, number) => number)
const everybody = () => true

function numbersOf(addresses: readonly PeerAddress[] | undefined): number[] | undefined {
  return addresses?.map(({ host }) => {
    const [, , high = 0, low = 0] = host.split('.').map(Number)
    return high * 256 + low
  })
}

test('each message has the changes since the last, and there is none without changes', () => {
  const told = new ToldPeers()
  const rounds: [connected: number[], added: number[] | undefined, dropped: number[] | undefined][] = [
    [[], undefined, undefined],
    [[1, 2], [1, 2], []],
    [[1, 2], undefined, undefined],
    [[2, 3], [3], [1]],
    // It was there and gone between two messages, or gone and there.
    [[2, 3], undefined, undefined],
    [[1], [1], [2, 3]],
    [[], [], [1]],
    [[], undefined, undefined],
  ]
  for (const [connected, added, dropped] of rounds) {
    const message = told.next(connectedTo(...connected), everybody)
    assert.deepEqual(numbersOf(message?.added.map(({ address }) => address)), added)
    assert.deepEqual(numbersOf(message?.dropped), dropped)
  }
})

test('the first message may be long; later ones have 50 of each, and the rest follows', () => {
  const told = new ToldPeers()
  assert.equal(told.next(connectedTo(...upTo(120)), everybody)?.added.length, 120)
  const later = connectedTo(...upTo(240).slice(120))
  const lengths = [1, 2, 3, 4].map(() => {
    const message = told.next(later, everybody)
    return message && [message.added.length, message.dropped.length]
  })
  assert.deepEqual(lengths, [[50, 50], [50, 50], [20, 20], undefined])
})

test('the first message has a limit, too', () => {
  const told = new ToldPeers()
  assert.equal(told.next(connectedTo(...upTo(1_000)), everybody)?.added.length, 200)
})

test('a peer that must not be told of is neither added nor dropped', () => {
  const told = new ToldPeers()
  const without1 = (key: string) => key !== formatAddress(at(1))
  assert.deepEqual(told.next(connectedTo(1, 2), without1)?.added.length, 1)
  assert.equal(told.next(connectedTo(2), without1), undefined)
})
