import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostGroup } from '../../src/protocol/host-group.js'

describe('the group that a host is counted in', () => {
  it('is an IPv4 address itself', () => {
    assert.equal(hostGroup('192.0.2.1'), '192.0.2.1')
  })

  it('is the /64 of an IPv6 address, however it is written', () => {
    for (const host of ['2001:db8:0:1::7', '2001:db8:0:1:2:3:4:5', '2001:db8:0:1:ffff::']) {
      assert.equal(hostGroup(host), '2001:db8:0:1::/64')
    }
    assert.equal(hostGroup('::1'), '0:0:0:0::/64')
    assert.equal(hostGroup('2001:db8::'), '2001:db8:0:0::/64')
    assert.equal(hostGroup('1::4:5:6:7:8'), '1:0:0:4::/64')
  })

  it('does not depend on the interface of a link-local address', () => {
    assert.equal(hostGroup('fe80::1%eth0'), hostGroup('fe80::2'))
  })
})
