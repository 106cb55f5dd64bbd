// Many requests at once on connections whose answers are not read.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Attackers } from './support/attackers.js'
import { assertAnnouncesServed } from './support/honest-announces.js'
import { ONE_HOST } from './support/hosts.js'
import { TrackerFlood } from './support/tracker-flood.js'
import { startTrackerVictim } from './support/victim.js'

const SOCKETS = 300
/** Bytes of requests on each connection: as many as one read of a socket takes. */
const BYTES = 65_536
const ANNOUNCE = `/announce?info_hash=${'a'.repeat(20)}&peer_id=${'b'.repeat(20)}&port=1&left=1`

describe('requests whose answers are never read', () => {
  for (const [what, path] of [
    ['the page', '/'],
    ['announces', ANNOUNCE],
  ] as const) {
    it(`cost the tracker no memory, and honest clients no time: ${what}`, async () => {
      await using victim = await startTrackerVictim()
      await TrackerFlood.warmUp(victim)
      const request = `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`
      await using attack = await Attackers.begin({
        port: victim.port,
        sockets: SOCKETS,
        hosts: [ONE_HOST],
        reads: false,
        speak: socket => socket.write(request.repeat(BYTES / request.length)),
      })
      await assertAnnouncesServed(victim)
      assert.ok(attack.connected >= SOCKETS, 'the attack did not take place')
      await victim.assertUnharmed()
    })
  }
})
