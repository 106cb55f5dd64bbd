import assert from 'node:assert/strict'
import { openSync } from 'node:fs'
import { test } from 'node:test'
import type { DiskError } from '../../../../src/client/disk/disk-error.js'
import { Descriptors } from '../../../../src/client/disk/worker/descriptors.js'
import { openFilesBelow, testFolder } from '../support.js'

/** The system knows none of this number: closing it fails. */
const NO_DESCRIPTOR = 2 ** 30

/** Some files of two torrents; those that are `broken` cannot be closed. */
function setUp(limit: number, folder: string) {
  const descriptors = new Descriptors(limit)
  const failures: string[] = []
  const open = (owner: string, key: number, { isBroken = false, isWritable = true } = {}) => {
    const path = `${folder}/${owner}-${key}`
    const descriptor = isBroken ? NO_DESCRIPTOR : openSync(path, 'w')
    descriptors.makeRoom(key)
    const onCloseFailed = ({ code, facts }: DiskError) => failures.push(`${owner}: ${code} ${facts.path}`)
    descriptors.put(key, { descriptor, isWritable, path, changes: 0, inspectedAt: 0, onCloseFailed })
    return path
  }
  return { descriptors, failures, open }
}

test('a file that cannot be closed tells its own torrent, not the one that needs its place', context => {
  const folder = testFolder(context)
  const { descriptors, failures, open } = setUp(1, folder)
  const path = open('a', 1, { isBroken: true })
  open('b', 2)
  assert.deepEqual(failures, [`a: io ${path}`])
  assert.ok(descriptors.get(2, true))
  descriptors.closeAll()
  assert.equal(failures.length, 1)
})

test('one file that cannot be closed keeps no other open', context => {
  const folder = testFolder(context)
  const { descriptors, failures, open } = setUp(10, folder)
  open('a', 1, { isBroken: true })
  for (const key of [2, 3, 4]) open('a', key)
  descriptors.closeRange(0, 10)
  assert.equal(failures.length, 1)
  assert.equal(openFilesBelow(folder) ?? 0, 0)
})

test('nothing is lost of a file that was only read', context => {
  const { descriptors, failures, open } = setUp(10, testFolder(context))
  open('a', 1, { isBroken: true, isWritable: false })
  descriptors.closeAll()
  assert.deepEqual(failures, [])
})
