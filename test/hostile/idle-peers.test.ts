// More peers than there are places, which complete the handshake and then send nothing.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Attackers, attackerHandshake } from './support/attackers.js'
import { assertServed } from './support/honest-peer.js'
import { attackerHosts, ONE_HOST } from './support/hosts.js'
import { startSeedVictim } from './support/victim.js'

const SOCKETS = 210

const ATTACKS = [
  { name: 'of one host', hosts: [ONE_HOST], reads: true },
  { name: 'of several hosts', hosts: attackerHosts(20), reads: true },
  { name: 'that read nothing, of one host', hosts: [ONE_HOST], reads: false },
  { name: 'that read nothing, of several hosts', hosts: attackerHosts(20), reads: false },
] as const

describe('idle peers, repeated, keep no honest peer out', () => {
  for (const { name, hosts, reads } of ATTACKS) {
    it(name, async () => {
      await using victim = await startSeedVictim()
      const { infoHash } = victim.torrent
      await using attack = await Attackers.begin({
        port: victim.port,
        sockets: SOCKETS,
        hosts,
        reads,
        speak: (socket, index) => socket.write(attackerHandshake(infoHash, index)),
      })
      await assertServed(victim)
      assert.ok(attack.connected >= SOCKETS, 'the attack did not take place')
      await victim.assertUnharmed()
    })
  }
})
