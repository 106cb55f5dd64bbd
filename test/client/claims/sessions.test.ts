// Torrents of one session whose content has the same path.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { ClaimError } from '../../../src/client/claims/path-claims.js'
import { Session } from '../../../src/client/session.js'
import type { AddOptions } from '../../../src/client/task/task-host.js'
import { within } from '../../support/deadline.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { Watch } from '../support/watch.js'

const WITHIN_MS = 20_000

async function open(): Promise<Session> {
  return await Session.open({ port: 0, bind: '127.0.0.1' })
}

function add(session: Session, sample: SampleTorrent, options: AddOptions) {
  const task = session.add(sample.metainfo, options)
  return { task, watch: new Watch(task) }
}

async function refused(watch: Watch): Promise<void> {
  await assert.rejects(within(WITHIN_MS, 'the refusal', watch.until('seeding')), ClaimError)
}

it('a second download of a path is refused before it writes, and goes on once the first has left', async () => {
  await using one = await SampleTorrent.make({ seed: 1 })
  await using two = await SampleTorrent.make({ seed: 2, bytes: 2 ** 20 + 1 })
  await using seeder = await open()
  for (const sample of [one, two]) add(seeder, sample, { dir: sample.dataDir, mode: 'seed' })
  const peers = [{ host: '127.0.0.1', port: seeder.port }]
  await using session = await open()
  const dir = one.dir('got')
  const first = add(session, one, { dir, mode: 'get', peers })
  const second = add(session, two, { dir, mode: 'get', peers })
  await refused(second.watch)
  await within(WITHIN_MS, 'the first', first.watch.until('complete'))
  const name = one.metainfo.name
  assert.ok(readFileSync(join(dir, name)).equals(readFileSync(join(one.dataDir, name))))
  await second.task.remove()

  const third = add(session, two, { dir: two.dir('got'), mode: 'get', peers })
  await within(WITHIN_MS, 'another folder', third.watch.until('complete'))
  await third.task.remove()
  const reader = add(session, two, { dir: two.dir('got'), mode: 'seed' })
  await within(WITHIN_MS, 'the path that was released', reader.watch.until('seeding'))
})

it('the same data is seeded as v1 and as v2, and not downloaded while it is seeded', async () => {
  await using v1 = await SampleTorrent.make({ version: 'v1' })
  await using v2 = await SampleTorrent.make({ version: 'v2' })
  await using other = await SampleTorrent.make({ seed: 2 })
  await using session = await open()
  for (const sample of [v1, v2]) {
    const { watch } = add(session, sample, { dir: v1.dataDir, mode: 'seed' })
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
  }
  const { watch } = add(session, other, { dir: v1.dataDir, mode: 'get', recheck: true })
  await refused(watch)
  assert.deepEqual(watch.types, ['checking', 'error'])
})

it('a refused torrent makes no folder', async () => {
  await using one = await SampleTorrent.make({ files: [{ path: 'x/a', bytes: 1_000 }] })
  await using two = await SampleTorrent.make({
    files: [
      { path: 'x/a', bytes: 1_001 },
      { path: 'y/b', bytes: 9 },
    ],
  })
  await using session = await open()
  add(session, one, { dir: one.dir('got'), mode: 'get' })
  const { watch } = add(session, two, { dir: one.dir('got'), mode: 'get' })
  await refused(watch)
  assert.ok(!existsSync(join(one.dir('got'), 'content', 'y')))
})
