import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AddressScope, isMeaningfulTo, scopeOf } from '../../src/protocol/address-scope.js'

test('from where an address can be reached', () => {
  const cases: [host: string, scope: AddressScope][] = [
    ['8.8.8.8', 'anywhere'],
    ['2a00:1450::1', 'anywhere'],
    ['127.0.0.1', 'machine'],
    ['127.9.9.9', 'machine'],
    ['::1', 'machine'],
    ['10.1.2.3', 'network'],
    ['172.16.0.1', 'network'],
    ['192.168.1.1', 'network'],
    ['100.64.0.1', 'network'],
    ['169.254.1.1', 'network'],
    ['fd00::1', 'network'],
    ['fe80::1%eth0', 'network'],
    ['0.0.0.0', 'nowhere'],
    ['::', 'nowhere'],
    ['224.0.0.1', 'nowhere'],
    ['239.192.152.143', 'nowhere'],
    ['255.255.255.255', 'nowhere'],
    ['240.0.0.1', 'nowhere'],
    ['192.0.2.1', 'nowhere'],
    ['ff02::1', 'nowhere'],
    ['2001:db8::1', 'nowhere'],
    ['example.org', 'nowhere'],
  ]
  for (const [host, scope] of cases) assert.equal(scopeOf(host), scope, host)
})

test('an address is exchanged only with hosts for which it means the same', () => {
  const cases: [host: string, other: string, isMeaningful: boolean][] = [
    ['8.8.8.8', '9.9.9.9', true],
    ['8.8.8.8', '10.0.0.1', true],
    ['8.8.8.8', '127.0.0.1', true],
    ['10.0.0.1', '9.9.9.9', false],
    ['10.0.0.1', '192.168.0.1', true],
    ['10.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '10.0.0.1', false],
    ['::1', '2a00::1', false],
    ['127.0.0.1', 'fe80::1%eth0', false],
    ['fe80::1', 'fe80::2%eth0', false],
    ['224.0.0.1', '127.0.0.1', false],
    ['0.0.0.0', '127.0.0.1', false],
  ]
  for (const [host, other, is] of cases)
    assert.equal(isMeaningfulTo(host, scopeOf(other)), is, `${host} ${other}`)
})
