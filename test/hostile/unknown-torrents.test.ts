// Handshakes that name torrents which the program does not have.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { Attackers, attackerHandshake } from './support/attackers.js'
import { assertServed } from './support/honest-peer.js'
import { attackerHosts } from './support/hosts.js'
import { startSeedVictim } from './support/victim.js'

const SOCKETS = 210

it('handshakes of several hosts for unknown torrents, repeated, keep no honest peer out', async () => {
  await using victim = await startSeedVictim()
  await using attack = await Attackers.begin({
    port: victim.port,
    sockets: SOCKETS,
    hosts: attackerHosts(20),
    speak: (socket, index) => socket.write(attackerHandshake(randomBytes(20), index)),
  })
  await assertServed(victim)
  assert.ok(attack.connected >= 2 * SOCKETS, 'the attack did not take place')
  await victim.assertUnharmed()
})
