import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { inOneGo } from '../../../src/base/steps.js'
import { defineInfo } from '../../../src/cli/commands/info.js'
import { defineMagnet } from '../../../src/cli/commands/magnet.js'
import { services as localServices } from '../../../src/cli/local-services.js'
import type { Services } from '../../../src/cli/services.js'
import { BencodeError } from '../../../src/protocol/bencode/bencode-error.js'
import type { Magnet } from '../../../src/protocol/magnet.js'
import type { Metainfo } from '../../../src/protocol/metainfo/metainfo.js'
import { wrapInfoInSteps } from '../../../src/protocol/metainfo/wrap-info.js'
import { someFile, someTorrent } from '../some-torrent.js'
import { type FakeHandle, FakeSession } from '../transfer/fake-session.js'
import { type CommandRun, runCommand } from './run-command.js'

const LINK = 'magnet:?xt=urn:btih:abab'
const SUM = new Uint8Array(32).fill(0xcd)
const MAGNET: Magnet = {
  infoHashV1: new Uint8Array(20).fill(1),
  infoHashV2: undefined,
  name: 'evil\x1b[2J',
  size: undefined,
  selectOnly: undefined,
  trackers: [['http://t/announce']],
  webSeeds: [],
  peers: [{ host: '::1', port: 6881 }],
  warnings: [],
}

type InfoServices = Pick<Services, 'parseMetainfo' | 'parseMagnet' | 'toMagnet' | 'wrapInfo' | 'openSession'>

let folder = ''
let path = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torrent-info-'))
  path = join(folder, 'a.torrent')
  await writeFile(path, 'd4:infodee')
})
after(() => rm(folder, { recursive: true }))

function services(metainfo: Metainfo, session = new FakeSession()): InfoServices {
  return {
    openSession: async () => session,
    wrapInfo: async metainfo => inOneGo(wrapInfoInSteps(metainfo)),
    parseMetainfo: async () => metainfo,
    parseMagnet: async () => MAGNET,
    toMagnet: async () => LINK,
  }
}

async function info(metainfo: Metainfo, ...args: string[]): Promise<CommandRun> {
  return await runCommand(
    (command, begin) => defineInfo(command, begin, services(metainfo)),
    ['info', ...(args.length === 0 ? [path] : args)],
  )
}

describe('a password in the address of a tracker or a web seed', () => {
  const addresses = {
    trackers: [['http://joe:secret@t.example/announce?passkey=mine'], ['udp://joe:secret@u.example:80']],
    webSeeds: ['https://joe:secret@w.example/x'],
  }
  const shown = {
    trackers: [['http://joe:***@t.example/announce?passkey=mine'], ['udp://joe:***@u.example:80']],
    webSeeds: ['https://joe:***@w.example/x'],
  }

  it('is never shown of a torrent', async () => {
    const { stdout, stderr } = await info(someTorrent(addresses))
    assert.match(stdout, /http:\/\/joe:\*\*\*@t\.example\/announce\?passkey=mine/)
    assert.doesNotMatch(stdout + stderr, /secret/)
    const { events } = await info(someTorrent(addresses), path, '--json')
    const { trackers, webSeeds } = events[0] ?? {}
    assert.deepEqual({ trackers, webSeeds }, shown)
  })

  it('is never shown of a magnet link', async () => {
    const withPassword = {
      ...services(someTorrent()),
      parseMagnet: async () => ({ ...MAGNET, ...addresses }),
    }
    const show = async (...args: string[]) =>
      await runCommand((command, begin) => defineInfo(command, begin, withPassword), ['info', LINK, ...args])
    const { stdout, stderr } = await show()
    assert.match(stdout, /udp:\/\/joe:\*\*\*@u\.example:80/)
    assert.doesNotMatch(stdout + stderr, /secret/)
    const { events } = await show('--json')
    const { trackers, webSeeds } = events[0] ?? {}
    assert.deepEqual({ trackers, webSeeds }, shown)
  })

  it('is left out of the magnet link, which says so', async () => {
    const torrent = someTorrent(addresses)
    const link = await localServices.toMagnet(torrent)
    assert.match(link, /tr=http%3A%2F%2Ft\.example%2Fannounce%3Fpasskey%3Dmine/)
    assert.doesNotMatch(link, /joe|secret/)
    const real = { ...services(torrent), toMagnet: localServices.toMagnet }
    const { stdout, stderr } = await runCommand(
      (command, begin) => defineMagnet(command, begin, real),
      ['magnet', path],
    )
    assert.equal(stdout, `${link}\n`)
    assert.match(stderr, /warning: .*the link leaves out user names and passwords/)
  })
})

describe('info', () => {
  it('shows a torrent of one file', async () => {
    const torrent = someTorrent({
      version: 'hybrid',
      infoHashV2: SUM,
      entries: [{ ...someFile(['ubuntu.iso'], 100_000), sha256: SUM }],
      trackers: [['http://a/announce', 'http://b/announce'], ['http://c/announce']],
      webSeeds: ['https://w/'],
      nodes: [{ host: '2001:db8::1', port: 6881 }],
      isPrivate: true,
      source: 'SRC',
      comment: 'two\nlines',
      createdBy: 'me',
      creationDate: 1_700_000_000,
    })
    const { stdout, status } = await info(torrent)
    assert.equal(status, 0)
    assert.equal(
      stdout,
      [
        'name          ubuntu.iso',
        'size          97.7 KiB (100,000 bytes)',
        'pieces        7 of 16.0 KiB',
        'format        hybrid (v1 and v2)',
        `info hash v1  ${'ab'.repeat(20)}`,
        `info hash v2  ${'cd'.repeat(32)}`,
        `sha256        ${'cd'.repeat(32)}`,
        'trackers      1  http://a/announce',
        '              1  http://b/announce',
        '              2  http://c/announce',
        'web seeds     https://w/',
        'dht nodes     [2001:db8::1]:6881',
        'private       yes',
        'source        SRC',
        'comment       two\\nlines',
        'created       2023-11-14T22:13:20Z by me',
        `magnet        ${LINK}`,
        '',
      ].join('\n'),
    )
  })

  it('shows the tree of a folder, whole where there is no terminal', async () => {
    const entries = Array.from({ length: 200 }, (_, i) => someFile(['d', `${i}`], 1))
    const { stdout } = await info(someTorrent({ name: 'many', isFolder: true, entries }))
    assert.match(stdout, /^files {9}200$/m)
    assert.match(stdout, /\n\n +many\/ /)
    assert.match(stdout, /└── 199 /)
  })

  it('tells what is odd on standard error', async () => {
    const { stdout, stderr, status } = await info(someTorrent({ warnings: ['keys are out of order'] }))
    assert.equal(status, 0)
    assert.doesNotMatch(stdout, /order/)
    assert.equal(stderr, `torrent: warning: ${path}: keys are out of order\n`)
  })

  it('writes one object with --json', async () => {
    const { events, stderr } = await info(someTorrent({ comment: 'x', warnings: ['odd'] }), path, '--json')
    assert.equal(stderr, '')
    assert.deepEqual(events, [
      {
        type: 'info',
        name: 'ubuntu.iso',
        infoHashV1: 'ab'.repeat(20),
        size: 100_000,
        pieceLength: 16_384,
        pieceCount: 7,
        files: [{ path: 'ubuntu.iso', length: 100_000 }],
        version: 'v1',
        private: false,
        trackers: [],
        webSeeds: [],
        nodes: [],
        comment: 'x',
        magnet: LINK,
        warnings: ['odd'],
      },
    ])
  })

  it('shows a magnet link, and an info hash', async () => {
    for (const source of [LINK, 'ab'.repeat(20)]) {
      const { stdout } = await info(someTorrent(), source)
      assert.equal(
        stdout,
        `name          evil\\x1b[2J\ninfo hash v1  ${'01'.repeat(20)}\ntrackers      http://t/announce\npeers         [::1]:6881\n`,
      )
    }
  })

  it('refuses data that is not a torrent with 3 and one line that names it', async () => {
    const bad = await info(someTorrent(), folder)
    assert.equal(bad.status, 3)
    assert.match(bad.stderr, /^torrent: [^\n]+: not a \.torrent: [^\n]+\n$/)

    const broken = new BencodeError('truncated', 'info: the data ends too early', { offset: 3, key: 'info' })
    const room = { ...services(someTorrent()), parseMetainfo: () => Promise.reject(broken) }
    const refused = await runCommand((command, begin) => defineInfo(command, begin, room), ['info', path])
    assert.equal(refused.status, 3)
    assert.match(
      refused.stderr,
      /^torrent: .*a\.torrent: info: the data ends too early: get a fresh copy[^\n]*\n$/,
    )
  })
})

describe('magnet', () => {
  async function magnet(...args: string[]): Promise<CommandRun> {
    return await runCommand(
      (command, begin) => defineMagnet(command, begin, services(someTorrent())),
      ['magnet', ...args],
    )
  }

  it('prints the link and nothing else', async () => {
    assert.deepEqual(await magnet(path), { status: 0, stdout: `${LINK}\n`, stderr: '', events: [] })
    assert.deepEqual((await magnet(path, '--json')).events, [
      {
        type: 'magnet',
        infoHash: 'ab'.repeat(20),
        name: 'ubuntu.iso',
        infoHashV1: 'ab'.repeat(20),
        magnet: LINK,
      },
    ])
  })

  it('takes a .torrent only', async () => {
    const { status, stderr } = await magnet(LINK)
    assert.equal(status, 3)
    assert.match(stderr, /a \.torrent is needed here, .*: use the \.torrent file instead/)
  })
})

describe('info --fetch', () => {
  const metainfo = someTorrent({ name: 'fetched.iso', infoBytes: Buffer.from('d4:name11:fetched.isoe') })

  async function fetch(onAdd: (handle: FakeHandle) => void, ...args: string[]) {
    const session = new FakeSession()
    session.onAdd = onAdd
    const run = await runCommand(
      (command, begin) => defineInfo(command, begin, services(metainfo, session)),
      ['info', LINK, '--fetch', ...args],
    )
    return { ...run, session }
  }

  it('shows what peers gave, and has touched no content', async () => {
    const { status, stdout, session } = await fetch(handle => handle.emit({ type: 'resolved', metainfo }))
    assert.equal(status, 0)
    assert.match(stdout, /fetched\.iso/)
    assert.ok(session.handles[0]?.isRemoved && session.isClosed)
  })

  it('keeps it as a .torrent with the trackers of the link', async () => {
    const out = join(folder, 'kept.torrent')
    const withTrackers = { ...metainfo, trackers: [['http://a/'], ['http://b/']], webSeeds: ['http://c/'] }
    const { status } = await fetch(
      handle => handle.emit({ type: 'resolved', metainfo: withTrackers }),
      '--out',
      out,
    )
    assert.equal(status, 0)
    assert.equal(
      await readFile(out, 'latin1'),
      'd8:announce9:http://a/13:announce-listll9:http://a/el9:http://b/ee' +
        '4:infod4:name11:fetched.isoe8:url-listl9:http://c/ee',
    )
    const again = await fetch(handle => handle.emit({ type: 'resolved', metainfo }), '--out', out)
    assert.equal(again.status, 6)
    assert.equal(again.session.handles.length, 0)
  })

  it('gives up after --timeout, and says why', async () => {
    const { status, stderr } = await fetch(handle => handle.set({ peers: 3 }), '--timeout', '1s')
    assert.equal(status, 4)
    assert.match(stderr, /no metadata after 1\.0s: 3 peers, and none gives the metadata/)
  })

  it('warns of a tracker that fails', async () => {
    const { status, stderr } = await fetch(handle => {
      handle.emit({ type: 'warning', code: 'unreachable', message: 'http://a/: connection refused' })
      handle.emit({ type: 'resolved', metainfo })
    })
    assert.equal(status, 0)
    assert.match(stderr, /warning: .*: http:\/\/a\/: connection refused/)
  })
})
