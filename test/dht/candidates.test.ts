import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { DHT_LIMITS } from '../../src/dht/limits.js'
import { Candidates } from '../../src/dht/lookup/candidates.js'
import { randomId } from '../../src/protocol/dht/node-id.js'
import { makeSecureId } from '../../src/protocol/dht/secure-id.js'

const PORT = 6881

test('a node whose answer is late is asked once more, one without a valid id is not', () => {
  const random = new SeededRandom(1)
  const candidates = new Candidates(randomId(random), randomId(random), DHT_LIMITS)
  const valid = '80.1.2.3'
  const invalid = '81.4.5.6'
  candidates.add({ id: makeSecureId(valid, random), address: { host: valid, port: PORT } })
  const forged = makeSecureId(invalid, random)
  forged[0]! ^= 0xff
  candidates.add({ id: forged, address: { host: invalid, port: PORT } })
  const asked: string[] = []
  for (let next = candidates.next(); next !== undefined; next = candidates.next()) {
    asked.push(next.address.host)
    candidates.asked(next)
    candidates.late(next)
  }
  assert.deepEqual(asked.sort(), [valid, valid, invalid])
})
