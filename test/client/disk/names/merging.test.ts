import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { foldFor, probeMerging, usualMerging } from '../../../../src/client/disk/names/merging.js'
import { TempFolder } from '../../../support/temp-folder.js'

const COMPOSED = '\u00e9'
const DECOMPOSED = 'e\u0301'

describe('what a file system merges', () => {
  it('is found out by a file that is removed again', async () => {
    await using folder = new TempFolder()
    const merging = await probeMerging(folder.path)
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
    assert.deepEqual(await probeMerging(folder.join('nowhere')), usualMerging(process.platform))
    assert.deepEqual(usualMerging('linux'), { case: false, forms: false })
    assert.deepEqual(usualMerging('win32'), { case: true, forms: false })
    assert.deepEqual(usualMerging('darwin'), { case: true, forms: true })
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
