import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isLocalHost } from '../../../src/client/limits/local-host.js'

it('local are this machine and private networks, of either family, and nothing else', () => {
  const local = ['127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.7.7']
  for (const host of [...local, '::1', 'fe80::1%eth0', 'fd00::1', '::ffff:192.168.1.1'])
    assert.ok(isLocalHost(host), host)
  const remote = ['8.8.8.8', '172.32.0.1', '100.64.0.1', '192.169.0.1', '0.0.0.0', '224.0.0.1']
  for (const host of [...remote, '2001:db8::1', '2606:4700::1', '::ffff:8.8.8.8', 'localhost', ''])
    assert.ok(!isLocalHost(host), host)
})
