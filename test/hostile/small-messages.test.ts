// Peers that send small messages as fast as they can: each costs the sender a few bytes.

import assert from 'node:assert/strict'
import type net from 'node:net'
import { describe, it } from 'node:test'
import { PeerEncoder } from '../../src/protocol/peer/encoder.js'
import { Attackers, attackerHandshake } from './support/attackers.js'
import { assertServed } from './support/honest-peer.js'
import { attackerHosts, ONE_HOST } from './support/hosts.js'
import { startSeedVictim } from './support/victim.js'

const SOCKETS = 50
const REPEATED = 4_000

const FLOODS: readonly { readonly name: string; readonly say: (say: PeerEncoder) => void }[] = [
  { name: 'keep-alive', say: say => say.keepAlive() },
  {
    name: 'interested and not interested',
    say: say => {
      say.interested()
      say.notInterested()
    },
  },
  { name: 'cancel', say: say => say.cancel(0, 0, 16_384) },
  {
    name: 'choke and unchoke',
    say: say => {
      say.choke()
      say.unchoke()
    },
  },
  { name: 'have', say: say => say.have(0) },
  { name: 'extended messages with an unknown id', say: say => say.extended(200, Uint8Array.of(0)) },
]

/** Copies of a message, as bytes. */
function bytesOf(speak: (say: PeerEncoder) => void): Uint8Array {
  const encoder = new PeerEncoder(() => {})
  for (let i = 0; i < REPEATED; i++) speak(encoder)
  return encoder.take().slice()
}

/** Writes the bytes again whenever the socket takes more. */
function flood(socket: net.Socket, bytes: Uint8Array): void {
  const write = () => {
    while (!socket.destroyed && socket.write(bytes));
  }
  socket.on('drain', write)
  write()
}

const HOSTS = [
  { from: 'one host', hosts: [ONE_HOST] },
  { from: 'several hosts', hosts: attackerHosts(10) },
] as const

describe('a flood of small messages keeps no honest peer waiting', () => {
  for (const { name, say } of FLOODS) {
    for (const { from, hosts } of HOSTS) {
      it(`${name}, from ${from}`, async () => {
        await using victim = await startSeedVictim()
        const bytes = bytesOf(say)
        await using attack = await Attackers.begin({
          port: victim.port,
          sockets: SOCKETS,
          hosts,
          speak: (socket, index) => {
            socket.write(attackerHandshake(victim.torrent.infoHash, index))
            flood(socket, bytes)
          },
        })
        await assertServed(victim, 5)
        assert.ok(attack.connected >= SOCKETS, 'the attack did not take place')
        await victim.assertUnharmed()
      })
    }
  }
})
