import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { foldFor } from '../../../../src/client/disk/names/folding.js'
import { FileSystemProbe, usualMerging } from '../../../../src/client/disk/names/name-probe.js'
import { fits, POSIX_LIMIT, UTF16_LIMIT } from '../../../../src/client/disk/names/name-rules.js'
import { TempFolder } from '../../../support/temp-folder.js'

const COMPOSED = '\u00e9'
const DECOMPOSED = 'e\u0301'

describe('what a file system merges', () => {
  it('is found out by a file that is removed again', async () => {
    await using folder = new TempFolder()
    const merging = await new FileSystemProbe().merging(folder.path)
    assert.deepEqual(await readdir(folder.path), [])
    await writeFile(folder.join('x'), '')
    const isCaseMerged = await writeFile(folder.join('X'), '', { flag: 'wx' }).then(
      () => false,
      () => true,
    )
    assert.equal(merging.case, isCaseMerged)
  })

  it('is taken for what is usual where no file can be made', async () => {
    await using folder = new TempFolder()
    assert.deepEqual(
      await new FileSystemProbe().merging(folder.join('nowhere')),
      usualMerging(process.platform),
    )
    assert.deepEqual(usualMerging('linux'), { case: false, forms: false })
    assert.deepEqual(usualMerging('win32'), { case: true, forms: false })
    assert.deepEqual(usualMerging('darwin'), { case: true, forms: true })
  })

  it('is taken for that of Windows there, without a look', async () => {
    const probe = new FileSystemProbe('win32')
    assert.equal(await probe.forbidsWindowsNames('/nowhere'), true)
    assert.deepEqual([await probe.limit('/nowhere'), probe.usualLimit], [UTF16_LIMIT, UTF16_LIMIT])
    assert.ok(probe.isWindows && !new FileSystemProbe('linux').isWindows)
    assert.deepEqual(new FileSystemProbe('linux').usualLimit, POSIX_LIMIT)
  })

  it('decides which names count as one', () => {
    const isOne = (a: string, b: string, merging: { case: boolean; forms: boolean }) =>
      foldFor(merging)(a) === foldFor(merging)(b)
    assert.ok(!isOne('a', 'A', { case: false, forms: true }))
    assert.ok(isOne('a', 'A', { case: true, forms: false }))
    assert.ok(!isOne(COMPOSED, DECOMPOSED, { case: true, forms: false }))
    assert.ok(isOne(COMPOSED, DECOMPOSED, { case: false, forms: true }))
    assert.ok(isOne(COMPOSED.toUpperCase(), DECOMPOSED, { case: true, forms: true }))
    assert.ok(isOne('a/b', 'a/b', { case: false, forms: false }))
  })
})

describe('what a file system holds', () => {
  it('is found out by files that are removed again', async () => {
    await using folder = new TempFolder()
    const probe = new FileSystemProbe()
    const limit = await probe.limit(folder.path)
    const forbids = await probe.forbidsWindowsNames(folder.path)
    assert.deepEqual(await readdir(folder.path), [])
    const isHeld = (name: string) =>
      writeFile(folder.join(name), '').then(
        () => true,
        () => false,
      )
    for (const name of [
      'x'.repeat(143),
      'x'.repeat(255),
      'x'.repeat(256),
      '\u4e00'.repeat(85),
      '\u4e00'.repeat(86),
    ])
      assert.equal(await isHeld(name), fits(name, limit), `${name.length}`)
    assert.equal(forbids, !(await isHeld('a:b')))
  })

  it('is taken for what is usual where no file can be made', async () => {
    await using folder = new TempFolder()
    const nowhere = folder.join('nowhere')
    assert.deepEqual(await new FileSystemProbe('linux').limit(nowhere), POSIX_LIMIT)
    assert.deepEqual(await new FileSystemProbe('darwin').limit(nowhere), UTF16_LIMIT)
    assert.equal(await new FileSystemProbe('linux').forbidsWindowsNames(nowhere), false)
  })
})
