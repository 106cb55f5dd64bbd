import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fromUtf8 } from '../../../src/base/bytes.js'
import { defineGet } from '../../../src/cli/commands/get.js'
import { defineSeed } from '../../../src/cli/commands/seed.js'
import { defineTracker } from '../../../src/cli/commands/tracker.js'
import type { Services, Tracker, TrackerOptions } from '../../../src/cli/services.js'
import type { SessionOptions } from '../../../src/cli/session/session-port.js'
import type { DraftOptions } from '../../../src/client/create/draft-torrent.js'
import type { ContentPreview } from '../../../src/client/preview-content.js'
import { parseMagnet } from '../../../src/protocol/magnet.js'
import type { Metainfo } from '../../../src/protocol/metainfo/metainfo.js'
import { someFile, someTorrent } from '../some-torrent.js'
import { type FakeHandle, FakeSession } from '../transfer/fake-session.js'
import { type CommandRun, runCommand } from './run-command.js'

const TRACKER_URL = 'http://192.0.2.1:6969/announce'

/** Services in which every download is complete at once, and every seeder is stopped by its ratio. */
class FakeServices implements Omit<Services, 'toMagnet' | 'wrapInfo' | 'checkContent' | 'scrapeTrackers'> {
  readonly session = new FakeSession()
  sessionOptions: SessionOptions | undefined
  trackerOptions: TrackerOptions | undefined
  drafted: DraftOptions | undefined
  isTrackerClosed = false
  draftName = 'plain '
  free = 10 ** 12
  buildCount = 0

  constructor() {
    this.session.onAdd = (handle: FakeHandle) => {
      if (handle.options.mode === 'get') handle.complete()
      handle.emit({ type: 'seeding', port: 6881, verified: { type: 'now' } })
      handle.set({ state: 'seeding', uploaded: 10 ** 9 })
      handle.emit({ type: 'goal-reached', goal: 'ratio' })
    }
  }

  parseMetainfo = async (bytes: Uint8Array) => {
    const name = fromUtf8(bytes.subarray(3, -2)).replace(/^\d*:?/, '')
    if (name === 'bad') throw new Error('this is not how a bad torrent is told')
    const infoHashV1 = new Uint8Array(20).fill(name.charCodeAt(0))
    return someTorrent({ name, infoHashV1, creationDate: 1_700_000_000 })
  }

  parseMagnet = async (text: string) => parseMagnet(text)

  openSession = async (options: SessionOptions) => {
    this.sessionOptions = options
    return this.session
  }

  listenTracker = async (options: TrackerOptions): Promise<Tracker> => {
    this.trackerOptions = options
    return {
      port: 6969,
      urls: [TRACKER_URL],
      nameTorrent: () => undefined,
      [Symbol.asyncDispose]: async () => {
        this.isTrackerClosed = true
      },
    }
  }

  previewContent = async ({ name, size }: Metainfo, dir: string): Promise<ContentPreview> => ({
    contentPath: join(dir, name),
    files: [],
    size,
    done: 0,
    missing: size,
    room: size,
    free: this.free,
  })

  draftTorrent = async (path: string, options: DraftOptions) => {
    this.drafted = options
    return {
      name: this.draftName,
      isFolder: false,
      version: options.version,
      pieceLength: 16_384,
      pieceCount: 1,
      entries: [someFile([path], 100_000)],
      warnings: ['left something out'],
      hidden: { files: 0, folders: 0 },
      build: async () => {
        this.buildCount++
        return Buffer.from('d1:plain ee')
      },
    }
  }
}

let folder = ''
let services = new FakeServices()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torrent-transfer-'))
  services = new FakeServices()
  for (const name of ['a', 'b']) await writeFile(join(folder, `${name}.torrent`), `d1:${name}ee`)
  await writeFile(join(folder, 'plain'), 'plain')
})
afterEach(() => rm(folder, { recursive: true }))

async function get(...args: string[]): Promise<CommandRun> {
  return await runCommand((command, begin) => defineGet(command, begin, services), ['get', ...args])
}

async function seed(...args: string[]): Promise<CommandRun> {
  return await runCommand(
    (command, begin) => defineSeed(command, begin, services),
    ['seed', '--ratio', '1', ...args],
  )
}

describe('get', () => {
  it('downloads all sources in one session, each torrent once', async () => {
    const [a, b] = [join(folder, 'a.torrent'), join(folder, 'b.torrent')]
    const { status, stdout } = await get(a, b, a, '--exit')
    assert.equal(status, 0)
    assert.equal(stdout.match(/^saved /gm)?.length, 2)
    assert.equal(services.session.handles.length, 2)
    assert.ok(services.session.isClosed)
  })

  it('--dry-run tells what each would need, downloads nothing, and ends with 6 where the disk has no room', async () => {
    const sources = ['a', 'b'].map(name => join(folder, `${name}.torrent`))
    const dry = await get(...sources, '--dry-run', '-d', folder)
    assert.equal(dry.status, 0, dry.stderr)
    assert.equal(dry.stdout.match(/^saved as +\S+\/[ab]$/gm)?.length, 2, dry.stdout)
    assert.equal(services.session.handles.length, 0)
    services.free = 10
    const full = await get(...sources, '--dry-run')
    assert.equal(full.status, 6)
    assert.match(
      full.stderr,
      /a: it needs .*, and the disk of .* has 10 B free: choose another folder with --dir/,
    )
  })

  it('takes magnet links and info hashes, whose metainfo comes from peers', async () => {
    services.session.onAdd = handle => {
      handle.set({
        state: 'metadata',
        peers: 2,
        metadata: { got: 100, size: 400, holders: 1, tooLarge: undefined },
      })
      handle.emit({ type: 'metadata' })
      const metainfo = someTorrent({ name: 'ubuntu.iso', warnings: ['an oddity'] })
      handle.set({ state: 'downloading', total: metainfo.size, metadata: undefined })
      handle.emit({ type: 'resolved', metainfo })
      handle.complete()
    }
    const [v1, v2, base32] = [
      'ab'.repeat(20),
      'cd'.repeat(32),
      'VOVBXVOVBXVOVBXVOVBXVOVBXVOVBXVO'.slice(0, 32),
    ]
    const link = `magnet:?xt=urn:btih:${'ef'.repeat(20)}&dn=a+name&tr=http%3A%2F%2Ft%2F&x.pe=192.0.2.9:6881&x.pe=[::1]:2`
    const { status, events, stdout } = await get(
      ...[link, v1, v2, base32],
      ...['--peer', '192.0.2.7:1', '--exit', '--json'],
    )
    assert.equal(status, 0, stdout)
    const { handles } = services.session
    assert.deepEqual(
      handles.map(({ torrent }) => [torrent.infoHashV1?.length, torrent.infoHashV2?.length, torrent.name]),
      [
        [20, undefined, 'a name'],
        [20, undefined, undefined],
        [undefined, 32, undefined],
        [20, undefined, undefined],
      ],
    )
    assert.deepEqual(handles[0]?.torrent.trackers, [['http://t/']])
    assert.deepEqual(handles[0]?.options.peers, [
      { host: '192.0.2.7', port: 1 },
      { host: '192.0.2.9', port: 6881 },
      { host: '::1', port: 2 },
    ])
    const own = events.filter(({ infoHash }) => infoHash === 'ef'.repeat(20))
    assert.deepEqual(
      own.map(({ type }) => type),
      ['metadata', 'warning', 'added', 'progress', 'complete', 'stopped'],
    )
    const { time: _, ...metadata } = own[0] ?? {}
    assert.deepEqual(metadata, {
      type: 'metadata',
      infoHash: 'ef'.repeat(20),
      name: 'a name',
      infoHashV1: 'ef'.repeat(20),
      got: 100,
      size: 400,
      peers: 2,
    })
  })

  it('refuses a magnet link with nothing to ask for peers, at once and with 2', async () => {
    for (const source of [
      'ab'.repeat(20),
      'magnet:?xt=urn:btih:ABABABABABABABABABABABABABABABABABABABAB&dn=x',
    ]) {
      const { status, stderr } = await get(source)
      assert.equal(status, 2)
      assert.match(stderr, /no tracker and no peer to get it from: give a tracker with --tracker or a peer/)
    }
    const unused = await get(
      'magnet:?xt=urn:btih:ABABABABABABABABABABABABABABABABABABABAB&tr=http://t/',
      '--no-tracker',
    )
    assert.equal(unused.status, 2)
    assert.equal(services.session.handles.length, 0)
  })

  it('refuses a magnet link without a usable info hash with 3, and says what is missing', async () => {
    for (const [link, said] of [
      ['magnet:?dn=x', /has no BitTorrent info hash \(xt=urn:btih or btmh\)/],
      ['magnet:?xt=urn:btih:1234', /not an info hash: "1234"/],
    ] as const) {
      const { status, stderr } = await get(link)
      assert.equal(status, 3)
      assert.match(stderr, said)
    }
  })

  it('hands all options on', async () => {
    const swarm = [
      '--peer',
      '192.0.2.7:1',
      '--peer',
      '[::1]:2',
      '-t',
      'http://t/announce',
      '--max-peers',
      '9',
      '--encryption',
      'require',
      '--slots',
      '12',
      '--seed-choker',
      'fastest',
      '--no-lsd',
    ]
    const rates = ['--limit-down', '500KiB', '--limit-up', '2MB', '--no-limit-local']
    const place = ['-d', 'downloads', '-p', '0', '--bind', '127.0.0.1']
    const what = ['--pick', 'rarest', '--recheck', '--truncate', '--sync', '--ratio', '1']
    await get(join(folder, 'a.torrent'), ...swarm, ...rates, ...place, ...what)
    assert.deepEqual(services.sessionOptions, {
      port: 0,
      bind: '127.0.0.1',
      maxPeers: 9,
      encryption: 'require',
      limits: { down: 512_000, up: 2_000_000 },
      limitsLocalPeers: false,
      localDiscovery: false,
    })
    assert.deepEqual(services.session.handles[0]?.options, {
      dir: resolve('downloads'),
      mode: 'get',
      selection: undefined,
      pick: 'rarest',
      goals: { ratio: 1, seedTimeSeconds: Number.POSITIVE_INFINITY },
      recheck: true,
      truncate: true,
      sync: true,
      peers: [
        { host: '192.0.2.7', port: 1 },
        { host: '::1', port: 2 },
      ],
      trackers: [['http://t/announce']],
      useTrackers: true,
      allTrackers: false,
      upload: { slots: 12, seedChoker: 'fastest', superSeed: false },
      usePeerExchange: true,
    })
  })

  it('exchanges no peers with --no-pex', async () => {
    await get(join(folder, 'a.torrent'), '--no-pex', '--exit')
    assert.equal(services.session.handles[0]?.options.usePeerExchange, false)
  })

  it('announces to every tracker with --all-trackers', async () => {
    await get(join(folder, 'a.torrent'), '--all-trackers', '--exit')
    assert.equal(services.session.handles[0]?.options.allTrackers, true)
  })

  it('asks no tracker with --no-tracker', async () => {
    await get(join(folder, 'a.torrent'), '--no-tracker', '--exit')
    assert.equal(services.session.handles[0]?.options.useTrackers, false)
  })

  it('asks the trackers of -t alone with --no-tracker, in whichever order they are given', async () => {
    const named = ['-t', 'http://t/announce']
    for (const args of [
      [...named, '--no-tracker'],
      ['--no-tracker', ...named],
    ]) {
      services = new FakeServices()
      await get(join(folder, 'a.torrent'), ...args, '--exit')
      const { trackers, useTrackers } = services.session.handles[0]?.options ?? assert.fail()
      assert.deepEqual({ trackers, useTrackers }, { trackers: [['http://t/announce']], useTrackers: false })
    }
  })

  it('has no limits but of connections, unless they are given; 0 takes that one away', async () => {
    await get(join(folder, 'a.torrent'), '--exit')
    assert.deepEqual(services.sessionOptions?.limits, { down: 0, up: 0 })
    assert.equal(services.sessionOptions?.maxPeers, 200)
    const none = ['--max-peers', '0', '--slots', '0', '--limit-down', '0', '--ratio', '0', '--timeout', '0']
    const { status } = await get(join(folder, 'a.torrent'), '--exit', ...none, '--seed-time', '0')
    assert.equal(status, 0)
    assert.equal(services.sessionOptions?.maxPeers, 2 ** 31 - 1)
    assert.equal(services.session.handles[1]?.options.upload?.slots, 2 ** 31 - 1)
  })

  it('looks up the names of peers', async () => {
    const { stderr } = await get(
      join(folder, 'a.torrent'),
      '--exit',
      '--peer',
      'localhost:1',
      '--peer',
      'nobody.invalid:2',
    )
    const [peer, ...others] = services.session.handles[0]?.options.peers ?? []
    assert.match(peer?.host ?? '', /^(127\.0\.0\.1|::1)$/)
    assert.deepEqual(others, [])
    assert.match(stderr, /warning: --peer nobody\.invalid:2: /)
  })

  it('goes on with the others where one source is no good', async () => {
    const { status, stdout, stderr } = await get(
      join(folder, 'gone.torrent'),
      join(folder, 'a.torrent'),
      '--exit',
    )
    assert.equal(status, 6)
    assert.match(stdout, /^saved /)
    assert.match(stderr, /gone\.torrent: no such file or folder: check the path/)
  })

  it('opens no session where no source is any good', async () => {
    const { status } = await get(join(folder, 'plain'), 'ab'.repeat(20))
    assert.equal(status, 3)
    assert.equal(services.sessionOptions, undefined)
  })
})

describe('seed', () => {
  it('seeds from where the content lies', async () => {
    const { status, stderr } = await seed(join(folder, 'a.torrent'), '-d', 'data')
    assert.equal(status, 0)
    const { dir, mode, trustData } = services.session.handles[0]?.options ?? assert.fail()
    assert.deepEqual({ dir, mode, trustData }, { dir: resolve('data'), mode: 'seed', trustData: undefined })
    assert.match(stderr, /^a: seeding on port 6881/m)
  })

  it('hands on the upload options, and what is shown', async () => {
    await seed(join(folder, 'a.torrent'), '--super-seed', '--slots', '3')
    const { upload } = services.session.handles[0]?.options ?? assert.fail()
    assert.deepEqual(upload, { slots: 3, seedChoker: 'round-robin', superSeed: true })
  })

  it('trusts the data with --no-check', async () => {
    await seed(join(folder, 'a.torrent'), '--no-check')
    assert.equal(services.session.handles[0]?.options.trustData, 'unread')
  })

  it('makes a torrent of a plain file first, and keeps it with -o', async () => {
    const out = join(folder, 'kept.torrent')
    const { stderr, status } = await seed(join(folder, 'plain'), '-o', out, '-t', 'http://t/announce')
    assert.equal(status, 0)
    assert.deepEqual(services.drafted?.trackers, [['http://t/announce']])
    assert.equal(await readFile(out, 'utf8'), 'd1:plain ee')
    const { dir, trustData } = services.session.handles[0]?.options ?? assert.fail()
    assert.deepEqual({ dir, trustData }, { dir: folder, trustData: 'hashed' })
    assert.match(stderr, /warning: left something out/)
    assert.match(stderr, /^wrote .*kept\.torrent$/m)
  })

  it('overwrites nothing, but with --force', async () => {
    const out = join(folder, 'b')
    await writeFile(out, 'precious')
    const { status, stderr } = await seed(join(folder, 'plain'), '-o', out)
    assert.equal(status, 6)
    assert.match(stderr, /b: it exists already: .*--force/)
    assert.equal(await readFile(out, 'utf8'), 'precious')
    assert.equal((await seed(join(folder, 'plain'), '-o', out, '-f')).status, 0)
    assert.equal(await readFile(out, 'utf8'), 'd1:plain ee')
  })

  it('started again, leaves the .torrent that it made as it is', async () => {
    const out = join(folder, 'kept.torrent')
    assert.equal((await seed(join(folder, 'plain'), '-o', out)).status, 0)
    const { status, stderr } = await seed(join(folder, 'plain'), '-o', out)
    assert.equal(status, 0)
    assert.match(stderr, /kept\.torrent is unchanged/)
    // The date is that of the first time: otherwise no torrent would ever be the same.
    assert.equal(services.drafted?.creationDate, 1_700_000_000)
  })

  it('keeps another torrent, before anything is hashed', async () => {
    const out = join(folder, 'a.torrent')
    services.draftName = 'other'
    const { status, stderr } = await seed(join(folder, 'plain'), '-o', out)
    assert.equal(status, 6)
    assert.match(stderr, /a\.torrent: it exists already/)
    assert.equal(await readFile(out, 'utf8'), 'd1:aee')
    assert.equal(services.buildCount, 0)
  })

  it('writes the .torrent to standard output with -o -', async () => {
    const { stdout } = await seed(join(folder, 'plain'), '-o', '-')
    assert.equal(stdout, 'd1:plain ee')
  })

  it('takes one source with -o', async () => {
    const { status, stderr } = await seed(join(folder, 'plain'), join(folder, 'a.torrent'), '-o', 'x')
    assert.equal(status, 2)
    assert.match(stderr, /--out takes one source/)
  })

  it('has no use for -o with a .torrent', async () => {
    const { status, stderr } = await seed(join(folder, 'a.torrent'), '-o', join(folder, 'x'))
    assert.equal(status, 2)
    assert.match(stderr, /a\.torrent: it is a \.torrent already: --out goes with a plain file/)
  })

  it('reminds of the .torrent that others need', async () => {
    assert.match((await seed(join(folder, 'plain'))).stderr, /others need its \.torrent: --out writes it/)
  })

  it('runs a tracker and uses it with --with-tracker', async () => {
    const { events } = await seed(
      join(folder, 'a.torrent'),
      '--with-tracker',
      '--bind',
      '127.0.0.1',
      '--json',
    )
    assert.deepEqual(services.trackerOptions, { port: 6969, bind: '127.0.0.1' })
    assert.deepEqual(services.session.handles[0]?.options.trackers, [[TRACKER_URL]])
    assert.deepEqual(events[0], { type: 'listening', port: 6969, urls: [TRACKER_URL] })
    assert.ok(services.isTrackerClosed)
  })

  it('names its tracker with --no-tracker as well', async () => {
    const parse = services.parseMetainfo
    services.parseMetainfo = async bytes => ({ ...(await parse(bytes)), trackers: [[TRACKER_URL]] })
    await seed(join(folder, 'plain'), '--with-tracker', '--no-tracker')
    const { trackers, useTrackers } = services.session.handles[0]?.options ?? assert.fail()
    assert.deepEqual({ trackers, useTrackers }, { trackers: [[TRACKER_URL]], useTrackers: false })
  })

  it('puts its tracker into a torrent that it makes', async () => {
    await seed(join(folder, 'plain'), '--with-tracker', '0')
    assert.equal(services.trackerOptions?.port, 0)
    assert.deepEqual(services.drafted?.trackers, [[TRACKER_URL]])
  })
})

describe('tracker', () => {
  it('says where it is, and runs until it is stopped', async () => {
    const running = runCommand(
      (command, begin) => defineTracker(command, begin, services),
      ['tracker', '-p', '0', '--interval', '2m'],
    )
    while (services.trackerOptions === undefined) await new Promise(setImmediate)
    process.emit('SIGINT', 'SIGINT')
    const { status, stdout } = await running
    assert.equal(status, 0)
    assert.equal(stdout, `${TRACKER_URL}\n`)
    assert.deepEqual(services.trackerOptions, { port: 0, bind: undefined, intervalSeconds: 120 })
    assert.ok(services.isTrackerClosed)
  })
})
