import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { concatBytes } from '../../../../src/base/bytes.js'
import { SeededRandom } from '../../../../src/base/random.js'
import { IncomingStream } from '../../../../src/client/net/encryption/incoming-stream.js'
import { KeyExchanges } from '../../../../src/client/net/encryption/key-exchanges.js'
import { OutgoingStream } from '../../../../src/client/net/outgoing-stream.js'
import type { Transport } from '../../../../src/client/net/transport.js'
import type { Way } from '../../../../src/client/net/ways.js'
import type { CryptoMethod } from '../../../../src/protocol/encryption/crypto-method.js'
import { EncryptionError } from '../../../../src/protocol/encryption/encryption-error.js'
import { encodeHandshake } from '../../../../src/protocol/peer/handshake.js'
import { INFO_HASH, initiator, randomBytes, responder } from '../../../protocol/encryption/sides.js'
import { Ear, FakeSocket } from './fake-socket.js'

const HANDSHAKE = encodeHandshake({
  infoHash: INFO_HASH,
  peerId: new Uint8Array(20).fill(0x61),
  features: { fast: true, extensions: true, v2: false },
})
const NOTHING = new Uint8Array(0)

interface Setting {
  readonly mayBePlain?: boolean
  readonly methods?: readonly CryptoMethod[]
}

/** As `tcp encrypted`. */
type WayName = `${string} ${Way['encryption']}`

interface OutgoingSetting {
  readonly ways?: readonly WayName[]
  readonly methods?: readonly CryptoMethod[]
}

const ANY_WAY: readonly WayName[] = ['tcp encrypted', 'tcp plain']

/** An outgoing stream with the sockets that it opens, and its user. */
function outgoing({ ways = ANY_WAY, methods = ['plaintext', 'rc4'] }: OutgoingSetting = {}) {
  const sockets: FakeSocket[] = []
  const outcomes: string[] = []
  const dialled: string[] = []
  const transports = new Map<string, Transport>()
  const transportOf = (name: string): Transport => {
    const transport = transports.get(name) ?? {
      name,
      connect: (_, listener) => {
        const socket = new FakeSocket(listener)
        sockets.push(socket)
        dialled.push(name)
        return socket
      },
      listen: async () => undefined,
    }
    transports.set(name, transport)
    return transport
  }
  const [first, ...others] = ways.map((way): Way => {
    const [name = '', encryption] = way.split(' ')
    return { transport: transportOf(name), encryption: encryption === 'plain' ? 'plain' : 'encrypted' }
  })
  assert.ok(first !== undefined)
  const ear: Ear = new Ear(() => stream.write([HANDSHAKE], () => {}))
  const stream: OutgoingStream = new OutgoingStream(ear, {
    remote: { host: '192.0.2.1', port: 6881 },
    ways: [first, ...others],
    makeInitiator: initial => initiator(1, { initial, methods }),
    onOutcome: ({ transport, encryption }, outcome) =>
      outcomes.push(`${transport.name} ${encryption} ${outcome}`),
  })
  const socket = (index: number): FakeSocket => {
    const found = sockets[index]
    assert.ok(found !== undefined, `no socket ${index}`)
    return found
  }
  return { stream, ear, sockets, socket, outcomes, dialled }
}

function incoming(
  { mayBePlain = true, methods = ['plaintext', 'rc4'] }: Setting = {},
  exchanges = new KeyExchanges(() => 0),
) {
  const sockets: FakeSocket[] = []
  const ear = new Ear()
  const stream = new IncomingStream(ear, {
    open: listener => {
      const socket = new FakeSocket(listener)
      sockets.push(socket)
      return socket
    },
    makeResponder: () => responder(1, { methods }),
    askForKeyExchange: goOn => exchanges.ask('192.0.2.1', goOn),
    mayBePlain,
  })
  const [socket] = sockets
  assert.ok(socket !== undefined)
  return { stream, ear, socket }
}

/** Carries bytes from one end to the other until both are silent, in parts of random lengths. */
function carry(a: FakeSocket, b: FakeSocket, seed: number): void {
  const random = new SeededRandom(seed)
  for (;;) {
    const [there, back] = [a.take(), b.take()]
    if (there.length + back.length === 0) return
    for (const [bytes, to] of [
      [there, b],
      [back, a],
    ] as const) {
      for (let at = 0; at < bytes.length; ) {
        const part = bytes.slice(at, at + 1 + random.below(200))
        to.listener.data(part)
        at += part.length
      }
    }
  }
}

function talk(theirs: OutgoingSetting, ours: Setting, seed: number) {
  const out = outgoing(theirs)
  const into = incoming(ours)
  out.socket(0).listener.connected()
  carry(out.socket(0), into.socket, seed)
  assert.deepEqual(into.ear.take(), HANDSHAKE, `seed ${seed}`)
  into.stream.write([HANDSHAKE.subarray(0, 30), HANDSHAKE.subarray(30)], () => {})
  carry(out.socket(0), into.socket, seed)
  assert.deepEqual(out.ear.take(), HANDSHAKE, `seed ${seed}`)
  return { out, into }
}

describe('two streams', () => {
  for (const method of ['plaintext', 'rc4'] as const) {
    it(`go on with ${method} in both directions, whatever the parts`, () => {
      for (let seed = 0; seed < 30; seed++) {
        const { out, into } = talk({ methods: [method] }, {}, seed)
        const said = randomBytes(new SeededRandom(seed), 3_000)
        const parts = [said.subarray(0, 1), said.subarray(1, 1_700), said.subarray(1_700)]
        out.stream.write(parts, () => {})
        into.stream.write(parts, () => {})
        const onTheWire = out.socket(0).take()
        if (method === 'rc4') assert.notDeepEqual(onTheWire, said)
        else assert.deepEqual(onTheWire, said)
        into.socket.listener.data(onTheWire)
        carry(out.socket(0), into.socket, seed)
        assert.deepEqual(into.ear.take(), said)
        assert.deepEqual(out.ear.take(), said)
      }
    })
  }

  it('leave the parts of a write as they are', () => {
    const { out } = talk({ methods: ['rc4'] }, {}, 1)
    const part = HANDSHAKE.slice()
    out.stream.write([part], () => {})
    assert.deepEqual(part, HANDSHAKE)
  })
})

describe('an incoming stream', () => {
  it('sees a plain handshake, however it comes', () => {
    for (const first of [1, 7, 19, 20, 21, 68]) {
      const { stream, ear, socket } = incoming()
      socket.listener.data(HANDSHAKE.slice(0, first))
      if (first < 20) assert.equal(ear.take().length, 0)
      socket.listener.data(HANDSHAKE.slice(first))
      stream.write([HANDSHAKE], () => {})
      assert.deepEqual(socket.take(), HANDSHAKE)
    }
  })

  it('hands on all of a plain handshake that comes byte by byte', () => {
    const { ear, socket } = incoming()
    for (const byte of HANDSHAKE) socket.listener.data(Uint8Array.of(byte))
    assert.deepEqual(ear.take(), HANDSHAKE)
  })

  it('takes no plain handshake where encryption is required', () => {
    const { ear, socket } = incoming({ mayBePlain: false })
    socket.listener.data(HANDSHAKE.slice())
    assert.ok(socket.isDestroyed)
    assert.equal(ear.take().length, 0)
    const [error] = ear.closings
    assert.ok(error instanceof EncryptionError && error.code === 'not-encrypted')
  })

  it('ends at noise, and hands none of it on', () => {
    const { ear, socket } = incoming()
    socket.listener.data(randomBytes(new SeededRandom(1), 2_000))
    assert.ok(socket.isDestroyed)
    assert.equal(ear.take().length, 0)
    assert.equal(ear.closings.length, 1)
    socket.listener.closed(undefined)
    assert.equal(ear.closings.length, 1)
  })
})

describe('an incoming stream whose key exchange has to wait', () => {
  /** As many exchanges as may be made at once are made. */
  function busyExchanges() {
    const clock = { now: 0 }
    const exchanges = new KeyExchanges(() => clock.now)
    while (exchanges.ask('192.0.2.9', () => {}) === 'now');
    return { clock, exchanges }
  }

  it('reads no more before its turn, and then goes on', () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const { clock, exchanges } = busyExchanges()
      const out = outgoing()
      const into = incoming({}, exchanges)
      out.socket(0).listener.connected()
      carry(out.socket(0), into.socket, 1)
      assert.ok(into.socket.isPaused)
      assert.equal(into.socket.take().length, 0)
      clock.now = 50
      mock.timers.tick(50)
      assert.ok(!into.socket.isPaused)
      carry(out.socket(0), into.socket, 1)
      assert.deepEqual(into.ear.take(), HANDSHAKE)
    } finally {
      mock.timers.reset()
    }
  })

  it('gives up its turn where it is ended', () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const { clock, exchanges } = busyExchanges()
      const into = incoming({}, exchanges)
      into.socket.listener.data(randomBytes(new SeededRandom(1), 96))
      into.stream.destroy()
      clock.now = 1_000
      mock.timers.tick(1_000)
      assert.equal(into.socket.take().length, 0)
    } finally {
      mock.timers.reset()
    }
  })
})

describe('an outgoing stream', () => {
  it('tries a peer without encryption that closes at once', () => {
    const { ear, sockets, socket, outcomes } = outgoing()
    socket(0).listener.connected()
    socket(0).take()
    socket(0).listener.closed(undefined)
    assert.equal(ear.closings.length, 0)
    socket(1).listener.connected()
    assert.deepEqual(socket(1).take(), HANDSHAKE)
    assert.deepEqual(outcomes, ['tcp encrypted refused'])
    socket(1).listener.data(HANDSHAKE.slice())
    assert.deepEqual(ear.take(), HANDSHAKE)
    assert.deepEqual(outcomes, ['tcp encrypted refused', 'tcp plain worked'])
    assert.equal(ear.connections, 1)
    socket(1).listener.closed(undefined)
    assert.equal(ear.closings.length, 1)
    assert.equal(sockets.length, 2)
  })

  it('tries one that says what is no handshake', () => {
    const { socket } = outgoing()
    socket(0).listener.connected()
    socket(0).listener.data(randomBytes(new SeededRandom(1), 2_000))
    assert.ok(socket(0).isDestroyed)
    socket(1).listener.connected()
    assert.deepEqual(socket(1).take(), HANDSHAKE)
  })

  it('tries one that says its plain handshake whatever it is told', () => {
    const { socket } = outgoing()
    socket(0).listener.connected()
    socket(0).listener.data(concatBytes([HANDSHAKE, new Uint8Array(100)]))
    assert.ok(socket(0).isDestroyed)
    socket(1).listener.connected()
    assert.deepEqual(socket(1).take(), HANDSHAKE)
  })

  it('tries one that does not answer', () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const { sockets, socket } = outgoing()
      socket(0).listener.connected()
      socket(0).listener.data(randomBytes(new SeededRandom(1), 95))
      mock.timers.tick(4_999)
      assert.equal(sockets.length, 1)
      mock.timers.tick(1)
      assert.ok(socket(0).isDestroyed)
      socket(1).listener.connected()
      assert.deepEqual(socket(1).take(), HANDSHAKE)
    } finally {
      mock.timers.reset()
    }
  })

  it('does not try again where there is no connection at all', () => {
    const { ear, sockets, socket, outcomes } = outgoing()
    socket(0).listener.closed(new Error('refused'))
    assert.equal(sockets.length, 1)
    assert.equal(ear.closings.length, 1)
    assert.deepEqual(outcomes, [])
  })

  it('tries one that answers, and then closes', () => {
    const { ear, sockets, socket } = outgoing()
    socket(0).listener.connected()
    socket(0).listener.data(responder(1).push(socket(0).take()).send)
    socket(0).listener.closed(undefined)
    assert.equal(ear.closings.length, 0)
    assert.equal(sockets.length, 2)
  })

  it('tries one that makes the whole agreement, and closes before it says anything', () => {
    const { ear, socket, outcomes } = outgoing()
    const peer = incoming()
    socket(0).listener.connected()
    carry(socket(0), peer.socket, 1)
    assert.deepEqual(peer.ear.take(), HANDSHAKE)
    socket(0).listener.closed(undefined)
    assert.equal(ear.closings.length, 0)
    socket(1).listener.connected()
    assert.deepEqual(socket(1).take(), HANDSHAKE)
    socket(1).listener.data(HANDSHAKE.slice())
    assert.deepEqual(outcomes, ['tcp encrypted refused', 'tcp plain worked'])
  })

  it('tries one that makes the whole agreement, and then says nothing', () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const { sockets, socket } = outgoing()
      const peer = incoming()
      socket(0).listener.connected()
      carry(socket(0), peer.socket, 1)
      mock.timers.tick(5_000)
      assert.equal(sockets.length, 2)
      assert.ok(socket(0).isDestroyed)
    } finally {
      mock.timers.reset()
    }
  })

  it('does not try again once the peer has said something', () => {
    const { out } = talk({}, {}, 1)
    out.socket(0).listener.closed(undefined)
    assert.equal(out.sockets.length, 1)
    assert.equal(out.ear.closings.length, 1)
  })

  it('is half-open again while its second socket is', () => {
    const { stream, socket } = outgoing()
    socket(0).listener.connected()
    socket(0).listener.closed(undefined)
    assert.ok(!stream.isHalfOpen)
    socket(1).isHalfOpen = true
    assert.ok(stream.isHalfOpen)
  })

  it('stays encrypted where that is required, whatever the peer does', () => {
    for (const answer of [NOTHING, HANDSHAKE, randomBytes(new SeededRandom(1), 2_000)]) {
      const { ear, sockets, socket } = outgoing({ ways: ['tcp encrypted'] })
      socket(0).listener.connected()
      if (answer.length > 0) socket(0).listener.data(concatBytes([answer]))
      socket(0).listener.closed(undefined)
      assert.equal(sockets.length, 1)
      assert.equal(ear.closings.length, 1)
    }
  })

  it('begins plainly where that has worked, and says when it does no longer', () => {
    const { ear, socket, outcomes } = outgoing({ ways: ['tcp plain', 'tcp encrypted'] })
    socket(0).listener.connected()
    assert.deepEqual(socket(0).take(), HANDSHAKE)
    socket(0).listener.closed(undefined)
    assert.deepEqual(outcomes, ['tcp plain refused'])
    assert.equal(ear.closings.length, 1)
  })

  it('tries another transport, encrypted first, where no connection comes about', () => {
    const { ear, socket, outcomes, dialled } = outgoing({
      ways: ['tcp encrypted', 'tcp plain', 'udp encrypted', 'udp plain'],
    })
    socket(0).listener.closed(new Error('refused'))
    assert.equal(ear.closings.length, 0)
    assert.deepEqual(dialled, ['tcp', 'udp'])
    socket(1).listener.connected()
    assert.notDeepEqual(socket(1).take(), HANDSHAKE)
    socket(1).listener.closed(undefined)
    socket(2).listener.connected()
    assert.deepEqual(socket(2).take(), HANDSHAKE)
    socket(2).listener.data(HANDSHAKE.slice())
    assert.deepEqual(dialled, ['tcp', 'udp', 'udp'])
    assert.deepEqual(outcomes, ['udp encrypted refused', 'udp plain worked'])
    assert.equal(ear.connections, 1)
  })

  it('waits 4 s for a connection where there is another transport, and hears no more of the first', () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const { ear, socket, dialled } = outgoing({ ways: ['tcp plain', 'udp plain'] })
      mock.timers.tick(3_999)
      assert.deepEqual(dialled, ['tcp'])
      mock.timers.tick(1)
      assert.deepEqual(dialled, ['tcp', 'udp'])
      assert.ok(socket(0).isDestroyed)
      socket(0).listener.connected()
      socket(0).listener.closed(undefined)
      assert.deepEqual([ear.connections, ear.closings.length], [0, 0])
      mock.timers.tick(60_000)
      socket(1).listener.closed(new Error('refused'))
      assert.deepEqual([dialled.length, ear.closings.length], [2, 1])
    } finally {
      mock.timers.reset()
    }
  })

  it('says nothing more once it was destroyed', () => {
    const { stream, ear, socket, sockets } = outgoing()
    socket(0).listener.connected()
    stream.destroy()
    socket(0).listener.closed(undefined)
    assert.equal(ear.closings.length, 0)
    assert.equal(sockets.length, 1)
  })
})
