import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ContentSwarm } from '../../../src/client/net/content-swarm.js'

const V1 = new Uint8Array(20).fill(1)
const V2 = new Uint8Array(32).fill(2)

/** A hybrid whose engine is awake, with all its layers or without. */
function hybrid(isComplete: boolean): ContentSwarm {
  const info = { infoHashV1: V1, infoHashV2: V2 }
  const swarm = new ContentSwarm(
    info as never,
    () => ({ hashExchange: { isComplete } }) as never,
    {} as never,
    {} as never,
  )
  assert.ok(swarm.torrent !== undefined)
  return swarm
}

it('a hybrid is named by its v1 hash first, by the other where layers are missing, and then by turns', () => {
  const named = (swarm: ContentSwarm) => [0, 1, 2].map(attempt => swarm.hashForAttempt(attempt)?.[0])
  assert.deepEqual(named(hybrid(true)), [1, 2, 1])
  assert.deepEqual(named(hybrid(false)), [2, 1, 2])
})
