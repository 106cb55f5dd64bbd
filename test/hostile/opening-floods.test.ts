// Peers that announce all their pieces again and again: a few bytes, each time worth a walk through all pieces.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeDontHave } from '../../src/protocol/peer/dont-have.js'
import { PeerEncoder } from '../../src/protocol/peer/encoder.js'
import { ExtensionId } from '../../src/protocol/peer/extension-ids.js'
import { Attackers, attackerHandshake } from './support/attackers.js'
import { assertServed } from './support/honest-peer.js'
import { attackerHosts } from './support/hosts.js'
import { startSeedVictim } from './support/victim.js'

const SOCKETS = 30
const REPEATED = 20_000

/** Many pieces for few bytes: 4,096 of 16 KiB. */
const SHAPE = { bytes: 64 * 2 ** 20, pieceLength: 16_384 }

const FLOODS: readonly { readonly name: string; readonly say: (say: PeerEncoder) => void }[] = [
  { name: 'have all', say: say => say.haveAll() },
  { name: 'have none', say: say => say.haveNone() },
  { name: 'bitfield', say: say => say.bitfield(manyPieces()) },
  {
    name: 'a piece that is lost and had again',
    say: say => {
      say.extended(ExtensionId.lt_donthave, encodeDontHave(7))
      say.have(7)
    },
  },
]

/** Not all pieces: a seeder ends the connection to a seed. */
function manyPieces(): Uint8Array {
  return new Uint8Array(SHAPE.bytes / SHAPE.pieceLength / 8).fill(0xff, 1)
}

describe('a peer that announces its pieces again and again keeps no honest peer waiting', () => {
  for (const { name, say } of FLOODS) {
    it(name, async () => {
      await using victim = await startSeedVictim(SHAPE)
      const encoder = new PeerEncoder(() => {})
      encoder.bitfield(manyPieces())
      for (let i = 0; i < REPEATED; i++) say(encoder)
      const bytes = encoder.take().slice()
      await using attack = await Attackers.begin({
        port: victim.port,
        sockets: SOCKETS,
        hosts: attackerHosts(SOCKETS),
        speak: (socket, index) => {
          socket.write(attackerHandshake(victim.torrent.infoHash, index))
          const write = () => {
            while (!socket.destroyed && socket.write(bytes));
          }
          socket.on('drain', write)
          write()
        },
      })
      await assertServed(victim, 5)
      assert.ok(attack.connected >= SOCKETS, 'the attack did not take place')
      await victim.assertUnharmed()
    })
  }
})
