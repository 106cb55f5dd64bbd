import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  isLocalSender,
  localInterfaces,
  type SystemInterfaces,
} from '../../../src/discovery/lsd/local-interfaces.js'

const MAC = { mac: '00:00:00:00:00:00' }
const SYSTEM: SystemInterfaces = {
  lo: [
    {
      ...MAC,
      address: '127.0.0.1',
      netmask: '255.0.0.0',
      family: 'IPv4',
      internal: true,
      cidr: '127.0.0.1/8',
    },
    { ...MAC, address: '::1', netmask: 'ff::', family: 'IPv6', internal: true, cidr: '::1/128', scopeid: 0 },
  ],
  eth0: [
    {
      ...MAC,
      address: '198.51.100.7',
      netmask: '255.255.255.0',
      family: 'IPv4',
      internal: false,
      cidr: '198.51.100.7/24',
    },
    {
      ...MAC,
      address: '192.168.1.9',
      netmask: '255.255.255.0',
      family: 'IPv4',
      internal: false,
      cidr: '192.168.1.9/24',
    },
    {
      ...MAC,
      address: 'fe80::7',
      netmask: 'ffff::',
      family: 'IPv6',
      internal: false,
      cidr: 'fe80::7/64',
      scopeid: 2,
    },
    {
      ...MAC,
      address: '2001:db8::7',
      netmask: 'ffff::',
      family: 'IPv6',
      internal: false,
      cidr: '2001:db8::7/64',
      scopeid: 0,
    },
  ],
  wlan0: [{ ...MAC, address: '10.0.0.3', netmask: '255.0.0.0', family: 'IPv4', internal: false, cidr: null }],
}

describe('interfaces for local discovery', () => {
  it('are those that lead out of the machine, each family once', () => {
    assert.deepEqual(localInterfaces(SYSTEM, undefined), [
      { name: 'eth0', family: 'ipv4', address: '198.51.100.7', scopeId: 0 },
      { name: 'eth0', family: 'ipv6', address: 'fe80::7', scopeId: 2 },
      { name: 'wlan0', family: 'ipv4', address: '10.0.0.3', scopeId: 0 },
    ])
  })

  it('are that of the address that connections are bound to', () => {
    const named = (bind: string) => localInterfaces(SYSTEM, bind).map(({ name, address }) => [name, address])
    assert.deepEqual(named('192.168.1.9'), [['eth0', '192.168.1.9']])
    assert.deepEqual(named('2001:db8::7'), [['eth0', '2001:db8::7']])
    assert.deepEqual(named('fe80::7%eth0'), [['eth0', 'fe80::7']])
    assert.deepEqual(named('127.0.0.1'), [])
    assert.deepEqual(named('203.0.113.1'), [])
  })

  it('are limited in number', () => {
    const address = SYSTEM.wlan0?.[0]
    assert.ok(address)
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`veth${index}`, [address]]))
    assert.equal(localInterfaces(many, undefined).length, 32)
  })
})

describe('a sender in the local network', () => {
  it('has an address that is used in such alone, or one of a network that this machine is in', () => {
    for (const host of [
      '192.168.77.1',
      '10.1.2.3',
      '172.16.0.1',
      'fe80::1%eth0',
      'fd00::1',
      '198.51.100.200',
      '2001:db8::99',
    ])
      assert.equal(isLocalSender(host, SYSTEM), true, host)
    for (const host of [
      '198.51.101.1',
      '8.8.8.8',
      '2001:db8:1::1',
      '127.0.0.1',
      '::1',
      '0.0.0.0',
      '239.192.152.143',
      'ff15::1',
    ])
      assert.equal(isLocalSender(host, SYSTEM), false, host)
  })
})
