// RFC 9112: reading the head of a request.

/** The parts of a request that a tracker needs. */
export interface RequestHead {
  readonly type: 'request'
  readonly method: string
  /** Path and query as they stand, still escaped, one character for each byte. */
  readonly target: string
  /** The request announces a body, which is never read here. */
  readonly hasBody: boolean
  /** True if the client wants to send another request on this connection. */
  readonly keepAlive: boolean
}

/** Not a request: the status to answer with. */
export interface BadHead {
  readonly type: 'bad'
  readonly status: 400 | 431
}

const MAX_HEADERS = 100
/** Methods are upper case by convention. Bytes beyond ASCII come from clients that escape too little. */
const REQUEST_LINE = /^([A-Z-]{1,20}) ([!-~\x80-\xff]+) HTTP\/1\.([01])$/
/** A name, which no space follows, and a value without control characters. */
const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t -~\x80-\xff]*)$/
const BAD: BadHead = { type: 'bad', status: 400 }

/**
 * Reads a head without the empty line at its end. Strict where readers of HTTP disagree (bare line feeds, folded
 * lines, control characters), so that a proxy in front of the tracker and the tracker see the same requests.
 */
export function parseRequestHead(text: string): RequestHead | BadHead {
  const [requestLine = '', ...headers] = text.split('\r\n')
  const match = REQUEST_LINE.exec(requestLine)
  if (match === null) return BAD
  if (headers.length > MAX_HEADERS) return { type: 'bad', status: 431 }
  const [, method = '', target = '', minor = ''] = match
  let hasHost = false
  let hasBody = false
  let keepAlive = minor === '1'
  for (const line of headers) {
    const header = HEADER.exec(line)
    if (header === null) return BAD
    const [, name = '', value = ''] = header
    switch (name.toLowerCase()) {
      case 'host':
        if (hasHost) return BAD
        hasHost = true
        break
      case 'transfer-encoding':
        hasBody = true
        break
      case 'content-length':
        if (value.trim() !== '0') hasBody = true
        break
      case 'connection':
        if (/\bclose\b/i.test(value)) keepAlive = false
        else if (/\bkeep-alive\b/i.test(value)) keepAlive = true
        break
    }
  }
  if (minor === '1' && !hasHost) return BAD
  return { type: 'request', method, target, hasBody, keepAlive }
}
