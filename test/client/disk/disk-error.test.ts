import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type DiskErrorCode, fullDisk, isByOthers, toDiskError } from '../../../src/client/disk/disk-error.js'

const PATH = '/downloads/some file'

function failureOf(code: string) {
  return toDiskError(
    Object.assign(new Error(`${code}: something`), { code, syscall: 'write' }),
    'writing',
    PATH,
  )
}

const CODES: [system: string, code: DiskErrorCode, says: RegExp][] = [
  ['ENOENT', 'not-found', /^No such file or folder .*check the path$/],
  ['EACCES', 'permission', /^No permission .*permissions/],
  ['EPERM', 'permission', /^No permission .*permissions/],
  ['ENOSPC', 'full', /^No space left .*free some space$/],
  ['EDQUOT', 'quota', /^The disk quota is used up .*free some space$/],
  ['EFBIG', 'too-large', /^The file is too large .*choose another folder$/],
  ['EEXIST', 'exists', /^Something else exists already .*move it away/],
  ['EISDIR', 'not-a-file', /^A folder is where a file must be .*move it away/],
  ['ENOTDIR', 'not-a-folder', /^A file is where a folder must be .*move it away/],
  ['ELOOP', 'symlink', /^A symlink is in the way .*remove it/],
  ['ENAMETOOLONG', 'name-too-long', /^The name is too long .*shorter path$/],
  ['ETXTBSY', 'busy', /^Another program is using it .*close that program$/],
  ['EBUSY', 'busy', /^Another program is using it .*close that program$/],
  ['EMFILE', 'too-many-open', /^Too many files are open .*raise the limit$/],
  ['ENFILE', 'too-many-open', /^Too many files are open .*raise the limit$/],
  ['EROFS', 'read-only', /^The disk is read-only .*choose another folder$/],
  ['EIO', 'io', /^The disk failed .*check the disk$/],
]

describe('what the system refuses is told in words of its own', () => {
  for (const [system, code, says] of CODES) {
    test(system, () => {
      const error = failureOf(system)
      assert.equal(error.code, code)
      assert.match(error.message, says)
      assert.ok(error.message.includes(`while writing ${PATH}`), error.message)
      assert.equal(error.facts.path, PATH)
      assert.equal(isByOthers(error), false)
    })
  }

  test('only a device that fails is called so', () => {
    for (const [system, code] of CODES)
      assert.equal(/disk failed/i.test(failureOf(system).message), code === 'io', system)
    const other = failureOf('EWEIRD')
    assert.equal(other.message, `Something failed while writing ${PATH}: EWEIRD: something`)
  })
})

test('a full disk says how much of the content is still to come, and where it should go', () => {
  const error = fullDisk(failureOf('ENOSPC'), 3 * 2 ** 20)
  assert.equal(
    error.message,
    `No space left on the disk while writing ${PATH}: 3.00 MiB of the content is missing: free that much space and start again`,
  )
  assert.deepEqual(error.facts, { path: PATH, missingBytes: 3 * 2 ** 20 })
})
