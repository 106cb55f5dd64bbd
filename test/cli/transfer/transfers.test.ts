import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, it } from 'node:test'
import { CodedError } from '../../../src/base/errors.js'
import { CommandContext } from '../../../src/cli/command-context.js'
import { openProgress } from '../../../src/cli/output/progress.js'
import { StopSignal } from '../../../src/cli/output/stop-signal.js'
import { type TransferSettings, Transfers } from '../../../src/cli/transfer/transfers.js'
import { NO_HISTORY } from '../../../src/client/resume/history.js'
import { MemoryOutput } from '../memory-output.js'
import { someTorrent } from '../some-torrent.js'
import { type FakeHandle, FakeSession } from './fake-session.js'

const STAY: TransferSettings = { exitWhenComplete: false }
const EXIT: TransferSettings = { exitWhenComplete: true }
const HASH = 'ab'.repeat(20)

class DiskError extends CodedError<string> {}

interface Ran {
  readonly status: number
  readonly handles: readonly FakeHandle[]
  readonly events: readonly Record<string, unknown>[]
  readonly stdout: string
  readonly stderr: string
}

/** Runs torrents in a session in which happens what `play` says. */
async function run(
  settings: TransferSettings,
  play: (handle: FakeHandle, pressCtrlC: () => void) => void,
  options: { mode?: 'get' | 'seed'; count?: number; json?: boolean; trackers?: string[][] } = {},
): Promise<Ran> {
  const { mode = 'get', count = 1, json = false, trackers = [['http://t/announce']] } = options
  const memory = new MemoryOutput({ json })
  const context = new CommandContext(memory.output)
  const signals = new EventEmitter()
  using stop = new StopSignal({ source: signals, onSecond: () => assert.fail('left at once') })
  using view = await openProgress(memory.output)
  const session = new FakeSession()
  session.onAdd = handle => play(handle, () => signals.emit('SIGINT', 'SIGINT'))
  const plans = Array.from({ length: count }, (_, i) => ({
    torrent: someTorrent({ name: `${i}.iso`, infoHashV1: new Uint8Array(20).fill(0xab + i), trackers }),
    options: { dir: '/downloads', mode },
  }))
  await new Transfers(context).run(plans, settings, { openSession: async () => session, stop, view })
  const { status } = context
  const written = json ? { events: memory.events, stdout: '' } : { events: [], stdout: memory.stdout }
  return { status, handles: session.handles, ...written, stderr: memory.stderr }
}

describe('a download', () => {
  it('with --exit ends when it is complete, and says where it lies', async () => {
    const { status, handles, stdout } = await run(EXIT, handle => handle.complete())
    assert.equal(status, 0)
    assert.ok(handles[0]?.isRemoved)
    assert.equal(
      stdout,
      `saved /downloads/ubuntu.iso: 97.7 KiB in 2.0s, 48.8 KiB/s, sha256 ${'cd'.repeat(32)}\n`,
    )
  })

  it('tells everything as objects with --json', async () => {
    const { events } = await run(
      EXIT,
      handle => {
        handle.emit({ type: 'checking' })
        handle.emit({ type: 'downloading' })
        handle.emit({ type: 'warning', code: 'unreachable', message: 'http://t: connection refused' })
        handle.complete()
      },
      { json: true },
    )
    const sha256 = 'cd'.repeat(32)
    assert.deepEqual(events, [
      {
        type: 'added',
        infoHash: HASH,
        name: '0.iso',
        infoHashV1: HASH,
        size: 100_000,
        pieceLength: 16_384,
        pieceCount: 7,
        files: [{ path: '0.iso', length: 100_000 }],
      },
      { type: 'checking', infoHash: HASH },
      { type: 'warning', infoHash: HASH, code: 'unreachable', message: 'http://t: connection refused' },
      {
        type: 'progress',
        infoHash: HASH,
        ...{ done: 100_000, total: 100_000, verified: 0 },
        ...{ down: 0, up: 0, downloaded: 100_000, uploaded: 0, ratio: 0, peers: 0 },
      },
      {
        type: 'complete',
        infoHash: HASH,
        path: '/downloads/ubuntu.iso',
        seconds: 2,
        sha256,
        checksums: [{ path: '0.iso', sha256 }],
      },
      { type: 'stopped', infoHash: HASH, reason: 'complete', downloaded: 100_000, uploaded: 0, ratio: 0 },
    ])
  })

  it('that was there already says so', async () => {
    const { stdout } = await run(EXIT, handle => {
      handle.emit({
        type: 'complete',
        path: '/x',
        seconds: 0,
        sha256: undefined,
        checksums: [],
        verified: { type: 'now' },
      })
    })
    assert.equal(stdout, 'complete /x: 97.7 KiB\n')
  })

  it('with --exit does not speak of seeding', async () => {
    const { stderr } = await run(EXIT, handle => handle.complete())
    assert.equal(stderr, '')
  })

  it('with --exit does not speak of seeding while its command runs, either', async () => {
    const { stderr } = await run({ ...EXIT, onComplete: 'echo done' }, handle => handle.complete())
    assert.equal(stderr, 'done\n')
  })

  it('hears the same warning once', async () => {
    const failure = { type: 'warning', code: 'timeout', message: 'no answer' } as const
    const other = { ...failure, message: 'again no answer' }
    const { stderr } = await run(EXIT, handle => {
      for (const event of [failure, failure, other]) handle.emit(event)
      handle.complete()
    })
    assert.equal(stderr.match(/warning/g)?.length, 2)
  })

  it('that has no source of peers says so', async () => {
    const play = (handle: FakeHandle): void => {
      handle.emit({ type: 'downloading' })
      handle.complete()
    }
    const { events } = await run(EXIT, play, { json: true, trackers: [] })
    const { code, message } = events.find(event => event.type === 'warning') ?? assert.fail()
    assert.equal(code, 'no-sources')
    assert.match(String(message), /give a tracker with --tracker or a peer with --peer/)
    assert.equal((await run(EXIT, play)).stderr, '')
  })

  it('tells its progress every second', async () => {
    const { events } = await run(
      STAY,
      (handle, pressCtrlC) => {
        handle.set({ done: 50_000, verifiedPieces: 3, downRate: 1234.5, peers: 2, etaSeconds: 40.2 })
        const { status } = handle
        // Asked for by the tick: the download ends after the first one.
        Object.defineProperty(handle, 'status', {
          get: () => {
            queueMicrotask(pressCtrlC)
            return status
          },
        })
      },
      { json: true },
    )
    const progress = events.find(event => event.type === 'progress')
    const expected = { done: 50_000, total: 100_000, verified: 3, down: 1235, up: 0, peers: 2, eta: 41 }
    const totals = { downloaded: 0, uploaded: 0, ratio: 0 }
    assert.deepEqual(progress, { type: 'progress', infoHash: HASH, ...expected, ...totals })
  })

  it('that is stopped before it is complete exits with 7', async () => {
    const { status, handles, stderr } = await run(STAY, (handle, pressCtrlC) => {
      handle.set({ done: 45_000 })
      pressCtrlC()
    })
    assert.equal(status, 7)
    assert.ok(handles[0]?.isRemoved)
    assert.match(stderr, /^torrent: 0\.iso: stopped at 45%: run the same command again to resume$/m)
  })

  it('that is stopped before the whole was verified says so', async () => {
    const { status, stderr } = await run(STAY, (handle, pressCtrlC) => {
      handle.set({ state: 'verifying', done: 100_000 })
      pressCtrlC()
    })
    assert.equal(status, 7)
    assert.match(stderr, /stopped while verifying: run the same command again/)
  })

  it('that is stopped while it seeds exits with 0', async () => {
    const { status } = await run(STAY, (handle, pressCtrlC) => {
      handle.complete()
      pressCtrlC()
    })
    assert.equal(status, 0)
  })

  it('that fails exits as its error says, and the others go on', async () => {
    const { status, handles, stdout, stderr } = await run(
      EXIT,
      handle => {
        if (handle.metainfo.name === '1.iso') handle.complete()
        else handle.emit({ type: 'error', error: new DiskError('full', 'No space left: free some', {}) })
      },
      { count: 3 },
    )
    assert.equal(status, 6)
    assert.ok(handles.every(handle => handle.isRemoved))
    assert.match(stdout, /^saved /)
    assert.match(stderr, /^torrent: No space left: free some$/m)
  })

  it('is given up with 4 when nothing moves', async () => {
    const { status, stderr } = await run({ ...STAY, timeoutSeconds: 0.5 }, () => undefined)
    assert.equal(status, 4)
    assert.match(stderr, /nothing moved for 0\.5s/)
  })

  it('is given up with the reason of each peer that was named, of a few at most', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    })
    const play = (handle: FakeHandle): void => {
      handle.peerFailures = Array.from({ length: 7 }, (_, i) => ({
        address: { host: '192.0.2.1', port: i + 1 },
        reason: refused,
      }))
    }
    const { status, stderr } = await run({ ...STAY, timeoutSeconds: 0.5 }, play)
    assert.equal(status, 4)
    assert.match(stderr, /nothing moved for 0\.5s: 192\.0\.2\.1:1: connection refused; /)
    assert.match(stderr, /192\.0\.2\.1:5: connection refused; and 2 more: check the addresses/)
    assert.doesNotMatch(stderr, /--peer/)
  })

  it('is left when it has reached its goal', async () => {
    const play = (handle: FakeHandle): void => {
      handle.complete()
      handle.emit({ type: 'goal-reached', goal: 'seed-time' })
    }
    const { events, status } = await run(STAY, play, { json: true })
    assert.equal(status, 0)
    assert.equal(events.at(-1)?.reason, 'seed-time')
  })

  it('is left at its goal only once its command has run', async () => {
    const play = (handle: FakeHandle): void => {
      handle.complete()
      handle.emit({ type: 'goal-reached', goal: 'ratio' })
      assert.equal(handle.isRemoved, false)
    }
    const { stderr } = await run({ ...STAY, onComplete: 'echo done' }, play)
    assert.match(stderr, /^done$/m)
  })
})

describe('torrents that are still being loaded', () => {
  async function runSlowly(
    play: (handle: FakeHandle, release: () => void, pressCtrlC: () => void) => void,
  ): Promise<{ status: number; session: FakeSession; opened: number }> {
    const memory = new MemoryOutput({ json: false })
    const context = new CommandContext(memory.output)
    const signals = new EventEmitter()
    using stop = new StopSignal({ source: signals, onSecond: () => assert.fail('left at once') })
    using view = await openProgress(memory.output)
    const session = new FakeSession()
    let release = (): void => {}
    const released = new Promise<void>(resolve => {
      release = resolve
    })
    session.onAdd = handle => play(handle, release, () => signals.emit('SIGINT', 'SIGINT'))
    const plan = (name: string, byte: number) => ({
      torrent: someTorrent({ name, infoHashV1: new Uint8Array(20).fill(byte) }),
      options: { dir: '/downloads', mode: 'get' as const },
    })
    async function* plans() {
      yield plan('first', 1)
      await released
      yield plan('second', 2)
    }
    let opened = 0
    const openSession = async () => {
      opened++
      return session
    }
    await new Transfers(context).run(plans(), EXIT, { openSession, stop, view })
    return { status: context.status, session, opened }
  }

  it('do not hold up those that are here, in one session', async () => {
    const { status, session, opened } = await runSlowly((handle, release) => {
      handle.complete()
      // Only a torrent that was begun lets the next one be loaded.
      release()
    })
    assert.equal(status, 0)
    assert.equal(opened, 1)
    assert.deepEqual(
      session.handles.map(({ metainfo, isRemoved }) => [metainfo.name, isRemoved]),
      [
        ['first', true],
        ['second', true],
      ],
    )
    assert.ok(session.isClosed)
  })

  it('are not begun once the user stops', async () => {
    const { status, session } = await runSlowly((_handle, release, pressCtrlC) => {
      pressCtrlC()
      release()
    })
    assert.equal(status, 7)
    assert.equal(session.handles.length, 1)
    assert.ok(session.isClosed)
  })

  it('need no session while there is none', async () => {
    const context = new CommandContext(new MemoryOutput({ json: false }).output)
    using stop = new StopSignal({ source: new EventEmitter(), onSecond: () => assert.fail('left at once') })
    using view = await openProgress(context.output)
    const openSession = async () => assert.fail('a session was opened')
    await new Transfers(context).run([], EXIT, { openSession, stop, view })
    assert.equal(context.status, 0)
  })
})

describe('what is run after a download', () => {
  it('knows it by its environment', async () => {
    const onComplete = `node -p 'process.env.TORRENT_NAME + " " + process.env.TORRENT_INFO_HASH + " " + process.env.TORRENT_DIR'`
    const { stderr, status } = await run({ ...EXIT, onComplete }, handle => handle.complete())
    assert.equal(status, 0)
    assert.match(stderr, new RegExp(`^0\\.iso ${HASH} /downloads$`, 'm'))
  })

  it('runs once: a later session does not run it again', async () => {
    const onComplete = 'echo ran'
    const { handles, stderr } = await run({ ...EXIT, onComplete }, handle => handle.complete())
    assert.equal(stderr, 'ran\n')
    assert.ok(handles[0]?.status.history.isCompletionHandled)
    const play = (handle: FakeHandle): void => {
      handle.earlier = { ...NO_HISTORY, isCompletionHandled: true }
      handle.complete()
    }
    assert.equal((await run({ ...EXIT, onComplete }, play)).stderr, '')
  })

  it('runs again when it has failed', async () => {
    const { handles } = await run({ ...EXIT, onComplete: 'exit 3' }, handle => handle.complete())
    assert.equal(handles[0]?.status.history.isCompletionHandled, false)
  })

  it('may fail: that is a warning', async () => {
    const { stderr, status } = await run({ ...EXIT, onComplete: 'exit 3' }, handle => handle.complete())
    assert.equal(status, 0)
    assert.match(stderr, /^torrent: warning: --on-complete: it ended with 3: exit 3$/m)
  })
})

describe('a seeder', () => {
  it('that is stopped exits with 0, complete or not', async () => {
    const { status } = await run(STAY, (_handle, pressCtrlC) => pressCtrlC(), { mode: 'seed' })
    assert.equal(status, 0)
  })

  it('says in the end what it gave', async () => {
    const { stderr } = await run(
      STAY,
      (handle, pressCtrlC) => {
        handle.set({ state: 'seeding', uploaded: 150_000 })
        pressCtrlC()
      },
      { mode: 'seed' },
    )
    assert.match(stderr, /^0\.iso: 146 KiB uploaded, ratio 1\.50$/m)
  })

  it('counts what earlier sessions uploaded, and says nothing of seeding where it leaves at once', async () => {
    const play = (handle: FakeHandle): void => {
      handle.earlier = { ...NO_HISTORY, uploaded: 199_000 }
      handle.set({ state: 'seeding', uploaded: 1_000 })
      handle.emit({ type: 'goal-reached', goal: 'ratio' })
      handle.emit({ type: 'seeding', port: 6881, verified: { type: 'now' } })
    }
    const { stderr } = await run(STAY, play, { mode: 'seed' })
    assert.equal(stderr, '0.iso: 1000 B uploaded, ratio 2.00\n')
    const { events } = await run(STAY, play, { mode: 'seed', json: true })
    const { reason, uploaded, ratio } = events.at(-1) ?? {}
    assert.deepEqual({ reason, uploaded, ratio }, { reason: 'ratio', uploaded: 1_000, ratio: 2 })
  })

  it('goes on until its ratio is reached', async () => {
    const { events } = await run(
      STAY,
      handle => {
        handle.emit({ type: 'seeding', port: 6881, verified: { type: 'now' } })
        handle.emit({ type: 'goal-reached', goal: 'ratio' })
      },
      { mode: 'seed', json: true },
    )
    const types = events.map(event => event.type)
    assert.deepEqual(
      types.filter(type => type !== 'progress'),
      ['added', 'seeding', 'stopped'],
    )
    assert.equal(events.at(-1)?.reason, 'ratio')
  })
})
