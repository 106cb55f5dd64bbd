import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clientAt, type TrackerClient } from '../../src/tracker/client.js'

function at(remote: string): TrackerClient {
  const client = clientAt(remote)
  assert.ok(client !== undefined)
  return client
}

describe('the client at the other end of a socket', () => {
  it('has an address that others can use: no zone, and IPv4 as IPv4', () => {
    assert.equal(at('fe80::1%eth0').host, 'fe80::1')
    assert.equal(at('::ffff:198.51.100.3').host, '198.51.100.3')
  })

  it('is counted by its IPv4 address, or by its IPv6 /64', () => {
    assert.notEqual(at('198.51.100.3').key, at('198.51.100.4').key)
    assert.equal(at('198.51.100.3').key, at('::ffff:198.51.100.3').key)
    assert.equal(at('2001:db8:1:2::1').key, at('2001:db8:1:2:ffff::9').key)
    assert.notEqual(at('2001:db8:1:2::1').key, at('2001:db8:1:3::1').key)
  })

  const kinds = [
    ['127.0.0.1', 'loopback'],
    ['127.9.9.9', 'loopback'],
    ['::1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['192.168.0.1', 'private'],
    ['169.254.1.1', 'private'],
    ['fd00::1', 'private'],
    ['fe80::1%eth0', 'private'],
    ['198.51.100.1', 'internet'],
    ['100.64.0.1', 'internet'],
    ['2001:db8::1', 'internet'],
  ] as const
  for (const [remote, kind] of kinds) {
    it(`is of the kind ${kind} at ${remote}`, () => assert.equal(at(remote).kind, kind))
  }

  it('is unknown where the socket has no address any more', () => {
    assert.equal(clientAt(''), undefined)
    assert.equal(clientAt('a.name.invalid'), undefined)
  })
})
