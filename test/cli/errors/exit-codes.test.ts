import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CodedError } from '../../../src/base/errors.js'
import { CliError, type CliErrorCode } from '../../../src/cli/errors/cli-error.js'
import { EXIT, verdictOf, worse } from '../../../src/cli/errors/exit-codes.js'
import { SourceError, type SourceErrorCode } from '../../../src/cli/torrents/source-error.js'
import { BencodeError } from '../../../src/protocol/bencode/bencode-error.js'

class MetainfoError extends CodedError<string> {}
class DiskError extends CodedError<string> {}
class ListenError extends CodedError<string> {}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: failed`), { code, syscall: 'open', path })
}

describe('exit statuses', () => {
  const CLI: readonly [CliErrorCode, number][] = [
    ['usage', 2],
    ['nothing-moved', 4],
    ['peers-failed', 4],
    ['damaged', 5],
    ['exists', 6],
    ['not-written', 6],
    ['no-content', 6],
    ['missing', 6],
    ['blocked', 6],
    ['stopped', 7],
    ['interrupted', 7],
  ]
  for (const [code, status] of CLI) {
    it(`${status} for ${code}`, () =>
      assert.equal(verdictOf(new CliError(code, '', { subject: '' })).status, status))
  }

  const SOURCES: readonly [SourceErrorCode, number][] = [
    ['bad-torrent', 3],
    ['no-torrent', 3],
    ['too-large', 3],
    ['magnet', 3],
    ['unreachable', 4],
    ['http-status', 4],
    ['timeout', 4],
    ['tls', 4],
    ['redirect', 4],
    ['malformed', 4],
    ['bad-address', 2],
    ['web-page', 3],
    ['not-found', 6],
    ['unreadable', 6],
  ]
  for (const [code, status] of SOURCES) {
    it(`${status} for a source that is ${code}`, () =>
      assert.equal(verdictOf(new SourceError(code, '', { source: '' })).status, status))
  }

  const OTHERS: readonly [what: string, error: unknown, status: number][] = [
    ['bencoding that is none', new BencodeError('malformed', '', { offset: 0, key: '' }), EXIT.badTorrent],
    ['metainfo of any fault', new MetainfoError('whatever', '', {}), EXIT.badTorrent],
    ['a disk of any fault', new DiskError('full', '', {}), EXIT.disk],
    ['a port that is taken', new ListenError('port-in-use', '', {}), EXIT.disk],
    ['a file that the system refuses', systemError('EACCES', '/x'), EXIT.disk],
    ['a class that nobody knows', new CodedError('full', '', {}), EXIT.defect],
    [
      'a code that its class does not have',
      Object.assign(new CliError('usage', '', { subject: '' }), { code: 'x' }),
      EXIT.defect,
    ],
    [
      'a code that is the name of a method',
      Object.assign(new CliError('usage', '', { subject: '' }), { code: 'toString' }),
      EXIT.defect,
    ],
    ['a plain error', new TypeError('x is not a function'), EXIT.defect],
    ['something that is no error', 'oops', EXIT.defect],
  ]
  for (const [what, error, status] of OTHERS) {
    it(`${status} for ${what}`, () => assert.equal(verdictOf(error).status, status))
  }

  it('a defect says how to find it', () => {
    assert.match(verdictOf(new Error('oops')).hint ?? '', /bug in torrent.*DEBUG=torrent:\*/)
  })

  it('of several failures it is the highest, and a defect before all', () => {
    assert.equal(worse(EXIT.done, EXIT.badTorrent), EXIT.badTorrent)
    assert.equal(worse(EXIT.disk, EXIT.verification), EXIT.disk)
    assert.equal(worse(EXIT.verification, EXIT.disk), EXIT.disk)
    assert.equal(worse(EXIT.disk, EXIT.defect), EXIT.defect)
    assert.equal(worse(EXIT.defect, EXIT.stopped), EXIT.defect)
  })
})
