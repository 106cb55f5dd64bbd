import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OwnHosts } from '../../../src/engine/connect/own-hosts.js'
import { hostToBytes } from '../../../src/protocol/peer-address.js'

test('our own address is the one that most hosts vote for, each once', () => {
  const own = new OwnHosts()
  const says = (voter: string, seen: string) => own.learn(voter, hostToBytes(seen)!)
  assert.equal(own.seenFrom('8.8.8.8'), undefined)
  assert.equal(says('8.8.8.8', '5.5.5.5'), true)
  for (let time = 0; time < 5; time++) says('7.7.7.7', '6.6.6.6')
  assert.equal(own.seenFrom('1.2.3.4'), '5.5.5.5')
  says('7.7.7.8', '6.6.6.6')
  assert.equal(own.seenFrom('1.2.3.4'), '6.6.6.6')
  // In the local network, and in the other family, we have other addresses.
  says('192.168.1.2', '192.168.1.7')
  says('2a00::1', '2a00::7')
  assert.equal(own.seenFrom('192.168.1.3'), '192.168.1.7')
  assert.equal(own.seenFrom('2a00::3'), '2a00::7')
  assert.equal(own.seenFrom('1.2.3.4'), '6.6.6.6')
})

test('votes for addresses of another scope or family are ignored', () => {
  const own = new OwnHosts()
  assert.equal(own.learn('8.8.8.8', Uint8Array.of(127, 0, 0, 1)), false)
  assert.equal(own.learn('8.8.8.8', hostToBytes('2a00::7')!), false)
  assert.equal(own.learn('8.8.8.8', new Uint8Array(5)), false)
  assert.equal(own.seenFrom('127.0.0.1'), undefined)
})

test('the last fifty votes count', () => {
  const own = new OwnHosts()
  for (let number = 1; number <= 100; number++) own.learn(`8.8.0.${number}`, hostToBytes('5.5.5.5')!)
  for (let number = 101; number <= 130; number++) own.learn(`8.8.0.${number}`, hostToBytes('6.6.6.6')!)
  assert.equal(own.seenFrom('8.8.8.8'), '6.6.6.6')
})
