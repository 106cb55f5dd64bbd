import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Candidates, MAX_CANDIDATES, MAX_HEARSAY } from '../../../src/engine/connect/candidates.js'
import { OwnHosts } from '../../../src/engine/connect/own-hosts.js'
import { hostToBytes, type PeerAddress } from '../../../src/protocol/peer-address.js'

const at = (number: number): PeerAddress => ({
  host: `8.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
  port: 1,
})
/** Long after any back-off. */
const LATER = 1e9

test('what peers tell takes no more than half of the places, and none of a tracker’s', () => {
  const candidates = new Candidates()
  for (let number = 0; number < MAX_HEARSAY; number++) assert.ok(candidates.addHearsay(at(number)))
  assert.equal(candidates.addHearsay(at(5_000)), undefined)
  for (let number = 10_000; number < 10_000 + MAX_CANDIDATES; number++) assert.ok(candidates.add(at(number)))
  assert.equal(candidates.size, MAX_CANDIDATES)
  // All of it had to give way, and comes back in no way.
  assert.equal(candidates.addHearsay(at(1)), undefined)
  assert.equal(candidates.next(0)?.isHearsay, false)
})

test('hearsay that failed gives way to other hearsay', () => {
  const candidates = new Candidates()
  for (let number = 0; number < MAX_HEARSAY; number++) candidates.addHearsay(at(number))
  const tried = candidates.next(0)!
  candidates.failed(tried, 0)
  assert.ok(candidates.addHearsay(at(5_000)))
  assert.equal(candidates.addHearsay(at(5_001)), undefined)
  assert.equal(candidates.size, MAX_HEARSAY)
})

test('hearsay is forgotten after three attempts; what a tracker told is kept', () => {
  const candidates = new Candidates()
  const heard = candidates.addHearsay(at(1))!
  const told = candidates.add(at(2))!
  for (let attempt = 0; attempt < 3; attempt++) {
    candidates.failed(heard, 0)
    candidates.failed(told, 0)
  }
  assert.equal(candidates.size, 1)
  assert.equal(candidates.next(LATER), told)
})

test('what a tracker confirms, or what was reached, is hearsay no more', () => {
  const candidates = new Candidates()
  const heard = candidates.addHearsay(at(1))!
  assert.equal(candidates.add(at(1)), heard)
  const reached = candidates.addHearsay(at(2))!
  candidates.connected(reached)
  assert.deepEqual([heard.isHearsay, reached.isHearsay], [false, false])
  // Their places are free for other hearsay.
  for (let number = 0; number < MAX_HEARSAY; number++) assert.ok(candidates.addHearsay(at(100 + number)))
})

test('nothing is heard of hosts that were banned', () => {
  const candidates = new Candidates()
  candidates.ban(candidates.add({ host: '8.8.8.8', port: 1 })!.contributor)
  assert.equal(candidates.addHearsay({ host: '8.8.8.8', port: 2 }), undefined)
})

test('who comes next: fewest failures, then trackers before peers, then the higher priority', () => {
  const ranks = new Map([1, 2, 3, 4].map(number => [at(number).host, number]))
  const candidates = new Candidates(({ host }) => ranks.get(host) ?? 0)
  for (const number of [1, 3]) candidates.addHearsay(at(number))
  for (const number of [4, 2, 5]) candidates.add(at(number))
  candidates.failed(candidates.add(at(5))!, 0)
  const order: (string | undefined)[] = []
  for (let next = candidates.next(LATER); next !== undefined; next = candidates.next(LATER)) {
    order.push(next.address.host)
    candidates.connected(next)
  }
  assert.deepEqual(
    order,
    [4, 2, 3, 1, 5].map(number => at(number).host),
  )
})

test('priorities are asked for anew when our own address is another', () => {
  let sign = 1
  const candidates = new Candidates(({ host }) => sign * Number(host.split('.')[3]))
  const [first, second] = [candidates.add(at(1))!, candidates.add(at(2))!]
  assert.equal(candidates.next(0), second)
  sign = -1
  assert.equal(candidates.next(0), second)
  candidates.forgetRanks()
  assert.equal(candidates.next(0), first)
})

test('priorities of many are computed some at a time', () => {
  let count = 0
  const candidates = new Candidates(() => ++count)
  for (let number = 0; number < 1_000; number++) candidates.add(at(number))
  const counts = Array.from({ length: 5 }, () => {
    candidates.next(0)
    return count
  })
  assert.deepEqual(counts, [256, 512, 768, 1_000, 1_000])
})

test('our own address is the one that most hosts name, each once', () => {
  const own = new OwnHosts()
  const says = (witness: string, seen: string) => own.learn(witness, hostToBytes(seen)!)
  assert.equal(own.seenFrom('8.8.8.8'), undefined)
  assert.equal(says('8.8.8.8', '5.5.5.5'), true)
  for (let time = 0; time < 5; time++) says('7.7.7.7', '6.6.6.6')
  assert.equal(own.seenFrom('1.2.3.4'), '5.5.5.5')
  says('7.7.7.8', '6.6.6.6')
  assert.equal(own.seenFrom('1.2.3.4'), '6.6.6.6')
  // At home, and by the other family, we are known by other addresses.
  says('192.168.1.2', '192.168.1.7')
  says('2a00::1', '2a00::7')
  assert.equal(own.seenFrom('192.168.1.3'), '192.168.1.7')
  assert.equal(own.seenFrom('2a00::3'), '2a00::7')
  assert.equal(own.seenFrom('1.2.3.4'), '6.6.6.6')
})

test('what makes no sense of our own address is not heard', () => {
  const own = new OwnHosts()
  assert.equal(own.learn('8.8.8.8', Uint8Array.of(127, 0, 0, 1)), false)
  assert.equal(own.learn('8.8.8.8', hostToBytes('2a00::7')!), false)
  assert.equal(own.learn('8.8.8.8', new Uint8Array(5)), false)
  assert.equal(own.seenFrom('127.0.0.1'), undefined)
})

test('of many witnesses the last fifty count', () => {
  const own = new OwnHosts()
  for (let number = 1; number <= 100; number++) own.learn(at(number).host, hostToBytes('5.5.5.5')!)
  for (let number = 101; number <= 130; number++) own.learn(at(number).host, hostToBytes('6.6.6.6')!)
  assert.equal(own.seenFrom('8.8.8.8'), '6.6.6.6')
})
