import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { type ScannedContent, scanContent } from '../../../src/client/create/scan-content.js'
import { DiskError } from '../../../src/client/disk/disk-error.js'
import type { ScanOptions } from '../../../src/client/disk/scan-messages.js'
import { testFolder } from '../disk/support.js'

const onPosix = { skip: process.platform === 'win32' && 'needs what Windows does not have' }

function folderOf(context: TestContext, files: readonly string[]): string {
  const folder = join(testFolder(context), 'content')
  mkdirSync(folder)
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), file)
  }
  return folder
}

async function scan(folder: string, options?: ScanOptions): Promise<ScannedContent & { paths: string[] }> {
  const content = await scanContent(folder, options)
  return { ...content, paths: content.items.map(({ path }) => path.join('/')) }
}

describe('scanning for a new torrent', () => {
  test('lists files by the bytes of their names, and leaves hidden ones out', async context => {
    const folder = folderOf(context, [
      'b',
      'a/z',
      'a/é',
      'a.txt',
      'B',
      '.hidden',
      '.git/config',
      'a/.DS_Store',
    ])
    const found = await scan(folder)
    assert.deepEqual(found.paths, ['B', 'a/z', 'a/é', 'a.txt', 'b'])
    assert.equal(found.name, 'content')
    assert.equal(found.isFolder, true)
    assert.deepEqual(found.warnings, [])
    assert.deepEqual(found.hidden, { files: 2, folders: 1 })
    const [first] = found.items
    assert.deepEqual(first, {
      type: 'file',
      path: ['B'],
      length: 1,
      mtimeNs: statSync(join(folder, 'B'), { bigint: true }).mtimeNs,
      isExecutable: false,
    })
    assert.deepEqual((await scan(folder, { exclude: ['.git', '.DS_Store'] })).hidden, {
      files: 1,
      folders: 0,
    })
    const all = await scan(folder, { includeHidden: true })
    assert.deepEqual(all.hidden, { files: 0, folders: 0 })
    assert.deepEqual(all.paths, ['.git/config', '.hidden', 'B', 'a/.DS_Store', 'a/z', 'a/é', 'a.txt', 'b'])
  })

  test('excludes names anywhere, paths from the top, and all of a folder', async context => {
    const folder = folderOf(context, [
      'a.tmp',
      'keep',
      'sub/b.tmp',
      'sub/c',
      'deep/sub/c',
      'node_modules/x/y',
    ])
    const exclude = ['*.tmp', 'sub/*', 'node_modules']
    assert.deepEqual((await scan(folder, { exclude })).paths, ['deep/sub/c', 'keep'])
  })

  test('a single file, and one whose name begins with a dot', async context => {
    const folder = folderOf(context, ['one', '.two'])
    for (const name of ['one', '.two']) {
      const found = await scan(join(folder, name))
      assert.deepEqual({ ...found, items: found.paths }, { ...found, name, isFolder: false, items: [name] })
    }
  })

  test('notes executables, and what a torrent has no place for', onPosix, async context => {
    const folder = folderOf(context, ['run', 'read'])
    chmodSync(join(folder, 'run'), 0o755)
    mkdirSync(join(folder, 'empty'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const found = await scan(folder)
    assert.deepEqual(
      found.items.map(item => item.type === 'file' && item.isExecutable),
      [false, true],
    )
    assert.deepEqual(found.warnings, [
      'empty is left out: an empty folder has no place in a torrent',
      'pipe is left out: neither a file nor a folder',
    ])
  })

  test('keeps symlinks that stay inside, and leaves others out', onPosix, async context => {
    const folder = folderOf(context, ['sub/file'])
    symlinkSync(join('sub', 'file'), join(folder, 'link'))
    symlinkSync(folder, join(folder, 'sub', 'top'))
    symlinkSync('link', join(folder, 'chain'))
    symlinkSync(join(folder, 'sub'), join(folder, 'absolute'))
    symlinkSync('/etc', join(folder, 'outside'))
    symlinkSync('../content-else', join(folder, 'nothing'))
    symlinkSync('loop', join(folder, 'loop'))
    const found = await scan(folder)
    assert.deepEqual(
      found.items.flatMap(item =>
        item.type === 'symlink' ? [[item.path.join('/'), item.target.join('/')]] : [],
      ),
      [
        ['absolute', 'sub'],
        ['chain', 'sub/file'],
        ['link', 'sub/file'],
      ],
    )
    assert.deepEqual(found.warnings, [
      'loop is left out: a symlink to nothing',
      'nothing is left out: a symlink to nothing',
      'outside is left out: a symlink to outside of the folder: /etc',
      'sub/top is left out: a symlink to the folder itself',
    ])
  })

  test('follows symlinks where asked, and never in a circle', onPosix, async context => {
    const folder = folderOf(context, ['sub/file'])
    const other = folderOf(context, ['other'])
    symlinkSync('sub', join(folder, 'again'))
    symlinkSync(other, join(folder, 'outside'))
    symlinkSync('..', join(folder, 'sub', 'up'))
    const found = await scan(folder, { followSymlinks: true })
    assert.deepEqual(found.paths, ['again/file', 'outside/other', 'sub/file'])
    assert.deepEqual(found.warnings, [
      'again/up is left out: a symlink to a folder that it lies in',
      'sub/up is left out: a symlink to a folder that it lies in',
    ])
  })

  test('what is not there, or no name, is an error', onPosix, async context => {
    const folder = folderOf(context, [])
    const isError = (code: string) => (error: unknown) => error instanceof DiskError && error.code === code
    await assert.rejects(scanContent(join(folder, 'nothing')), isError('not-found'))
    await assert.rejects(scanContent('/dev/null'), isError('not-a-file'))
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff)]), '')
    await assert.rejects(scanContent(folder), isError('io'))
  })
})
