// Connections to the tracker on which no request is ever sent.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Attackers } from './support/attackers.js'
import { ONE_HOST } from './support/hosts.js'
import { startTrackerVictim } from './support/victim.js'

const SOCKETS = 210

it('silent connections to the tracker keep no client from its statistics', async () => {
  await using victim = await startTrackerVictim()
  await using attack = await Attackers.begin({ port: victim.port, sockets: SOCKETS, hosts: [ONE_HOST] })
  const answer = await fetch(`http://127.0.0.1:${victim.port}/stats.json`)
  assert.equal(answer.status, 200)
  assert.equal(attack.open, SOCKETS)
  await victim.assertUnharmed()
})
