// More connections than there are places, on which nothing is ever sent.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Attackers } from './support/attackers.js'
import { assertServed, shakeHands } from './support/honest-peer.js'
import { ONE_HOST } from './support/hosts.js'
import { startGetVictim, startSeedVictim } from './support/victim.js'

const SOCKETS = 210

it('silent sockets of one host, repeated, keep no peer from a seeder', async () => {
  await using victim = await startSeedVictim()
  await using attack = await Attackers.begin({ port: victim.port, sockets: SOCKETS, hosts: [ONE_HOST] })
  await assertServed(victim)
  assert.ok(attack.connected >= SOCKETS, 'the attack did not take place')
  await victim.assertUnharmed()
})

it('silent sockets keep no peer from a download', async () => {
  await using victim = await startGetVictim(async () => [])
  await using attack = await Attackers.begin({ port: victim.port, sockets: SOCKETS, hosts: [ONE_HOST] })
  await using _peer = await shakeHands(victim)
  assert.ok(attack.connected >= SOCKETS, 'the attack did not take place')
})
