import assert from 'node:assert/strict'
import { chmodSync, linkSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  type FileStamp,
  isSameFile,
  isSameStamp,
  MISSING,
  stampOf,
  stampRules,
} from '../../../src/client/disk/file-stamp.js'
import { FileStamps } from '../../../src/client/disk/file-stamps.js'
import { testFolder } from './support.js'

const FILE = { type: 'file', size: 10, mtimeNs: 1_700_000_000_000_000_001n, ctimeNs: 7n, inode: 5n } as const

describe('a file is as it was', () => {
  test('while size, mtime, ctime and inode are the same, to the nanosecond', () => {
    assert.equal(isSameFile(FILE, { ...FILE }), true)
    assert.equal(isSameFile(FILE, { ...FILE, size: 11 }), false)
    assert.equal(isSameFile(FILE, { ...FILE, mtimeNs: FILE.mtimeNs + 1n }), false)
    assert.equal(isSameFile(FILE, { ...FILE, ctimeNs: 8n }), false)
    assert.equal(isSameFile(FILE, { ...FILE, inode: 6n }), false)
  })

  test('whatever its inode is where inodes do not last', () => {
    assert.equal(isSameFile(FILE, { ...FILE, inode: 0n }), true)
    assert.equal(isSameFile({ ...FILE, inode: 0n }, FILE), true)
  })

  test('not where it is missing; a missing file is still missing', () => {
    assert.equal(isSameFile(FILE, MISSING), false)
    assert.equal(isSameFile(MISSING, MISSING), false)
    assert.equal(isSameFile(undefined, FILE), false)
    assert.equal(isSameStamp(MISSING, MISSING), true)
    assert.equal(isSameStamp(MISSING, FILE), false)
    assert.equal(isSameStamp(FILE, MISSING), false)
  })
})

test('each kind of file system has its rules', () => {
  const cases: [NodeJS.Platform, number | undefined, inodesLast: boolean, areInstant: boolean][] = [
    ['linux', 0xef53, true, true], // ext4
    ['linux', 0x9123683e, true, true], // btrfs
    ['linux', 0x01021994, true, true], // tmpfs
    ['linux', 0x6969, true, false], // NFS
    ['linux', 0x4d44, false, false], // FAT
    ['linux', 0x2011bab0, false, false], // exFAT
    ['linux', 0x65735546, false, false], // FUSE
    ['linux', 0xfe534d42, false, false], // SMB2
    ['linux', undefined, false, false],
    ['darwin', 26, true, true],
    ['freebsd', undefined, true, true],
    ['win32', undefined, false, false],
  ]
  for (const [platform, fileSystem, inodesLast, areInstant] of cases)
    assert.deepEqual(
      stampRules(platform, fileSystem),
      { inodesLast, areInstant },
      `${platform} ${fileSystem}`,
    )
})

const isWindows = process.platform === 'win32'

describe('the file system tells', { skip: isWindows && 'its ctime may be coarse' }, () => {
  const changes: [string, (path: string) => void][] = [
    ['a changed byte, though the mtime was set back', path => writeFileSync(path, 'after!')],
    ['a file of the same size in its place', path => replace(path)],
    ['chmod, which leaves the content alone', path => chmodSync(path, 0o600)],
    ['a hard link, which leaves the content alone', path => linkSync(path, `${path}.link`)],
  ]
  for (const [name, change] of changes) {
    test(name, context => {
      const path = join(testFolder(context), 'file')
      writeFileSync(path, 'before')
      const old = new Date('2001-01-01')
      utimesSync(path, old, old)
      const before = look(path)
      assert.equal(isSameFile(before, look(path)), true)
      untilLater(`${path}.probe`, before.ctimeNs)
      change(path)
      utimesSync(path, old, old)
      const after = look(path)
      assert.equal(after.mtimeNs, before.mtimeNs)
      assert.equal(isSameFile(before, after), false)
    })
  }
})

/** Times of many file systems move on in steps of some milliseconds. */
function untilLater(probe: string, timeNs: bigint): void {
  do writeFileSync(probe, '')
  while (look(probe).ctimeNs <= timeNs)
}

function replace(path: string): void {
  writeFileSync(`${path}.new`, 'after!')
  renameSync(`${path}.new`, path)
}

function look(path: string): Extract<FileStamp, { type: 'file' }> {
  return stampOf(statSync(path, { bigint: true }), { inodesLast: true, areInstant: true })
}

describe('packed stamps', () => {
  const all: FileStamp[] = [
    FILE,
    MISSING,
    {
      type: 'file',
      size: 2 ** 53 - 1,
      mtimeNs: -(2n ** 62n),
      ctimeNs: 2n ** 63n - 1n,
      inode: 2n ** 64n - 1n,
    },
    { type: 'file', size: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 0n },
  ]

  test('come back exactly, also from bytes', () => {
    const stamps = FileStamps.of(all)
    assert.deepEqual([...stamps], all)
    assert.deepEqual([...FileStamps.decode(stamps.encode())], all)
    assert.deepEqual([...new FileStamps(structuredClone(stamps.packed))], all)
    assert.equal(stamps.encode().length, 32 * all.length)
  })

  test('are missing at first, and beyond the end', () => {
    const stamps = FileStamps.missing(2)
    assert.deepEqual([...stamps], [MISSING, MISSING])
    assert.deepEqual(stamps.at(2), MISSING)
    stamps.setRun(1, FileStamps.of([FILE]))
    assert.deepEqual([...stamps], [MISSING, FILE])
  })
})
