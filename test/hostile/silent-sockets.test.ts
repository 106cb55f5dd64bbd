// Connections on which nothing is ever said: more than there are places.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Attackers } from './support/attackers.js'
import { assertServed, shakeHands } from './support/honest-peer.js'
import { ONE_HOST } from './support/hosts.js'
import { startGetVictim, startSeedVictim } from './support/victim.js'

const SOCKETS = 210

it('silent sockets of one host, again and again, keep nobody away from a seeder', async () => {
  await using victim = await startSeedVictim()
  await using attack = await Attackers.begin({ port: victim.port, sockets: SOCKETS, hosts: [ONE_HOST] })
  await assertServed(victim)
  assert.ok(attack.connected >= SOCKETS, 'the attack did not take place')
  await victim.assertUnharmed()
})

it('silent sockets keep nobody away from a download', async () => {
  await using victim = await startGetVictim(async () => [])
  await using attack = await Attackers.begin({ port: victim.port, sockets: SOCKETS, hosts: [ONE_HOST] })
  await using _newcomer = await shakeHands(victim)
  assert.ok(attack.connected >= SOCKETS, 'the attack did not take place')
})
