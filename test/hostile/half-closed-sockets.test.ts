// Connections whose peer closes its half and keeps the other one open.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Attackers, attackerHandshake } from './support/attackers.js'
import { assertServed } from './support/honest-peer.js'
import { attackerHosts, ONE_HOST } from './support/hosts.js'
import { startSeedVictim } from './support/victim.js'

const SOCKETS = 210

const ATTACKS = [
  { name: 'before the handshake, of one host', isIntroduced: false, hosts: [ONE_HOST] },
  { name: 'before the handshake, of several hosts', isIntroduced: false, hosts: attackerHosts(20) },
  { name: 'after the handshake, of one host', isIntroduced: true, hosts: [ONE_HOST] },
  { name: 'after the handshake, of several hosts', isIntroduced: true, hosts: attackerHosts(20) },
] as const

describe('half-closed connections, repeated, keep no honest peer out', () => {
  for (const { name, isIntroduced, hosts } of ATTACKS) {
    it(name, async () => {
      await using victim = await startSeedVictim()
      const { infoHash } = victim.torrent
      await using attack = await Attackers.begin({
        port: victim.port,
        sockets: SOCKETS,
        hosts,
        speak: (socket, index) => {
          if (isIntroduced) socket.write(attackerHandshake(infoHash, index))
          socket.end()
        },
      })
      await assertServed(victim, 5)
      assert.ok(attack.connected > SOCKETS, 'the attack did not take place')
      await victim.assertUnharmed()
    })
  }
})
