// Encrypted handshakes that never end, and public keys, each of which costs a key exchange.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type net from 'node:net'
import { describe, it } from 'node:test'
import { getArgs } from '../e2e/local-peers.js'
import { TempFolder } from '../support/temp-folder.js'
import { torrent } from '../support/torrent.js'
import { Attackers } from './support/attackers.js'
import { BOUNDS } from './support/bounds.js'
import { assertServed } from './support/honest-peer.js'
import { attackerHosts, ONE_HOST } from './support/hosts.js'
import { startSeedVictim } from './support/victim.js'

const SOCKETS = 210
const KEY_LENGTH = 96

/** Sends a byte a second of a possible public key. */
function drip(socket: net.Socket): void {
  socket.write(randomBytes(KEY_LENGTH - 10))
  const timer = setInterval(() => socket.write(randomBytes(1)), 1_000)
  socket.once('close', () => clearInterval(timer))
}

/** Sends a whole public key, then opens another connection with another key. */
function exchange(socket: net.Socket): void {
  socket.write(randomBytes(KEY_LENGTH))
  socket.once('data', () => socket.destroy())
}

const ATTACKS = [
  { name: 'a byte a second, of one host', speak: drip, hosts: [ONE_HOST] },
  { name: 'a byte a second, of several hosts', speak: drip, hosts: attackerHosts(20) },
  { name: 'key exchanges of one host', speak: exchange, hosts: [ONE_HOST] },
  { name: 'key exchanges of several hosts', speak: exchange, hosts: attackerHosts(20) },
] as const

describe('encrypted handshakes, repeated, keep no honest peer out', () => {
  for (const { name, speak, hosts } of ATTACKS) {
    it(name, async () => {
      await using victim = await startSeedVictim()
      await using attack = await Attackers.begin({ port: victim.port, sockets: SOCKETS, hosts, speak })
      await assertServed(victim)
      assert.ok(attack.connected >= SOCKETS, 'the attack did not take place')
      await victim.assertUnharmed()
    })
  }
})

it('key exchanges of several hosts do not keep out a peer that requires encryption', async () => {
  await using victim = await startSeedVictim()
  await using _attack = await Attackers.begin({
    port: victim.port,
    sockets: SOCKETS,
    hosts: attackerHosts(20),
    speak: exchange,
  })
  await using folder = new TempFolder()
  await using leecher = torrent([
    ...getArgs(victim.torrent.metainfo, folder.path, [`127.0.0.1:${victim.port}`]),
    '--encryption',
    'require',
  ])
  await leecher.waitFor('complete', () => true, { withinMs: BOUNDS.firstBlockMs })
  await victim.assertUnharmed()
})
