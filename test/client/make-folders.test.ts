import assert from 'node:assert/strict'
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { makeFolders } from '../../src/client/make-folders.js'
import { testFolder } from './disk/support.js'

describe('folders for content', () => {
  test('are made with all that are above them', async context => {
    const path = join(testFolder(context), 'a', 'b', 'c')
    await makeFolders(path)
    await makeFolders(path)
    assert.ok(statSync(path).isDirectory())
  })

  test('may be there already, behind a symlink too', {
    skip: process.platform === 'win32',
  }, async context => {
    const folder = testFolder(context)
    mkdirSync(join(folder, 'real'))
    symlinkSync(join(folder, 'real'), join(folder, 'link'))
    await makeFolders(join(folder, 'link'))
    await makeFolders(join(folder, 'link', 'below'))
    assert.ok(existsSync(join(folder, 'real', 'below')))
  })

  test('cannot be where a file is', async context => {
    const file = join(testFolder(context), 'file')
    writeFileSync(file, '')
    await assert.rejects(makeFolders(file), { code: 'EEXIST' })
    await assert.rejects(makeFolders(join(file, 'below')), { code: 'ENOTDIR' })
  })

  test('cannot be where the system has no place for any', { skip: !existsSync('/proc/self') }, async () => {
    await assert.rejects(makeFolders('/proc/nowhere/at/all'), { code: 'ENOENT' })
  })
})
