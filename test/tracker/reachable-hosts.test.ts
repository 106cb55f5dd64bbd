import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reachableHosts } from '../../src/tracker/reachable-hosts.js'

test('what listens on one address is reached there', () => {
  assert.deepEqual(reachableHosts('192.0.2.1'), ['192.0.2.1'])
})

test('what listens on all is reached by every address of the machine, loopback last', () => {
  assert.ok(reachableHosts('0.0.0.0').every(host => !host.includes(':')))
  assert.ok(reachableHosts('::').includes('127.0.0.1'))
  assert.match(`${reachableHosts('0.0.0.0').at(-1)}`, /^127\./)
})
