import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import { concatBytes } from '../../base/bytes.js'
import { systemCode } from '../../base/errors.js'

/** A body that cannot be taken as it is; the reason is for people. */
export class BodyProblem extends Error {
  readonly code: 'too-large' | 'malformed'

  constructor(code: 'too-large' | 'malformed', reason: string, options?: { cause?: unknown }) {
    super(reason, options)
    this.code = code
  }
}

type Inflate = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>

/** The content codings that a request may ask for, each with the way back (RFC 9110, 8.4.1). */
const CODINGS: ReadonlyMap<string, (bytes: Uint8Array) => Inflate> = new Map([
  ['gzip', () => promisify(gunzip)],
  ['x-gzip', () => promisify(gunzip)],
  // Many servers leave out the header that zlib begins with.
  ['deflate', (bytes: Uint8Array) => promisify(isZlib(bytes) ? inflate : inflateRaw)],
  ['br', () => promisify(brotliDecompress)],
])

/** More than one is rare, and a stack of them multiplies what a few bytes become. */
const MAX_CODINGS = 2

export const ACCEPTED_CODINGS = 'gzip, deflate, br'

/** All of a body, of which no more than `maxBytes` are ever held, each way. Throws `BodyProblem`. */
export async function readBody(
  body: AsyncIterable<unknown>,
  contentEncoding: string,
  maxBytes: number,
  onBytes: (count: number) => void,
): Promise<Uint8Array> {
  const codings = codingsOf(contentEncoding)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.length
    onBytes(chunk.length)
    if (length > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  let bytes = concatBytes(chunks)
  for (const coding of codings) bytes = await inflated(bytes, coding(bytes), maxBytes)
  return bytes
}

/** In the order in which they are to be undone. */
function codingsOf(contentEncoding: string): ((bytes: Uint8Array) => Inflate)[] {
  const names = contentEncoding
    .toLowerCase()
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && name !== 'identity')
  const codings = names.flatMap(name => CODINGS.get(name) ?? [])
  if (codings.length < names.length || codings.length > MAX_CODINGS) {
    throw new BodyProblem('malformed', 'its answer is compressed in a way that was not asked for')
  }
  return codings.reverse()
}

async function inflated(bytes: Uint8Array, inflate: Inflate, maxBytes: number): Promise<Uint8Array> {
  if (bytes.length === 0) return bytes
  try {
    return await inflate(bytes, { maxOutputLength: maxBytes })
  } catch (cause) {
    switch (systemCode(cause)) {
      case 'ERR_BUFFER_TOO_LARGE':
        throw tooLarge(maxBytes)
      case 'Z_BUF_ERROR':
        throw new BodyProblem('malformed', 'its compressed answer ends too early', { cause })
      default:
        throw new BodyProblem('malformed', 'its compressed answer is broken', { cause })
    }
  }
}

function isZlib(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0
}

function tooLarge(maxBytes: number): BodyProblem {
  return new BodyProblem('too-large', `its answer is larger than ${Math.round(maxBytes / 2 ** 20)} MiB`)
}
