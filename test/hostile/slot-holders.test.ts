// More interested peers than there are slots, which are unchoked and then do not use their slots.

import assert from 'node:assert/strict'
import type net from 'node:net'
import { describe, it } from 'node:test'
import { BLOCK_LENGTH } from '../../src/protocol/metainfo/metainfo.js'
import { PeerEncoder } from '../../src/protocol/peer/encoder.js'
import { Attackers, attackerHandshake } from './support/attackers.js'
import { assertServed } from './support/honest-peer.js'
import { attackerHosts, ONE_HOST } from './support/hosts.js'
import { startSeedVictim } from './support/victim.js'

const SOCKETS = 60
const MIB = 2 ** 20

/** More than the system's buffers hold for a peer that reads nothing. */
const CONTENT = 32 * MIB
const PIECE = MIB

/** Half as many as a peer may have waiting. */
const REQUESTS = 1_000

/** How long the attackers go on with requests, and how often. */
const EVERY_MS = 1_000

interface Attack {
  readonly name: string
  readonly reads: boolean
  /** Messages at first, and repeated after that: a choke drops requests. */
  readonly say: (say: PeerEncoder, count: number) => void
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'that read nothing of what they request',
    reads: false,
    say: (say, count) => {
      if (count === 0) say.interested()
      for (let at = 0; at < CONTENT && at / BLOCK_LENGTH < REQUESTS; at += BLOCK_LENGTH)
        say.request(Math.floor(at / PIECE), at % PIECE, BLOCK_LENGTH)
    },
  },
  {
    name: 'that request single bytes and read nothing',
    reads: false,
    say: (say, count) => {
      if (count === 0) say.interested()
      for (let at = 0; at < REQUESTS; at++) say.request(at % 32, at, 1)
    },
  },
  {
    name: 'that never request anything',
    reads: true,
    say: (say, count) => {
      if (count === 0) say.interested()
    },
  },
  {
    name: 'that change their interest again and again',
    reads: true,
    say: (say, count) => (count % 2 === 0 ? say.interested() : say.notInterested()),
  },
]

function speakAgain(socket: net.Socket, say: Attack['say']): void {
  let count = 0
  const speak = () => {
    const encoder = new PeerEncoder(() => {})
    say(encoder, count++)
    if (encoder.pending > 0 && socket.writableLength < MIB) socket.write(encoder.take().slice())
  }
  speak()
  const timer = setInterval(speak, EVERY_MS)
  socket.on('close', () => clearInterval(timer))
}

describe('peers that do not use their slots keep no leecher out', () => {
  for (const { name, reads, say } of ATTACKS) {
    for (const [from, hosts] of [
      ['of one host', [ONE_HOST]],
      ['of as many hosts', attackerHosts(SOCKETS)],
    ] as const) {
      it(`${name}, ${from}`, async () => {
        await using victim = await startSeedVictim({ bytes: CONTENT, pieceLength: PIECE })
        await using attack = await Attackers.begin({
          port: victim.port,
          sockets: SOCKETS,
          hosts,
          reads,
          speak: (socket, index) => {
            socket.write(attackerHandshake(victim.torrent.infoHash, index))
            speakAgain(socket, say)
          },
        })
        await assertServed(victim)
        assert.ok(attack.connected >= SOCKETS, 'the attack did not take place')
        await victim.assertUnharmed()
      })
    }
  }
})
