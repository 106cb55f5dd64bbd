// RFC 9112: answers to requests.

/** An answer to one request. */
export interface HttpAnswer {
  readonly status: number
  readonly type: string
  /** May be shared between answers: it is only read. */
  readonly body: Uint8Array
  /** More headers, each with the line end behind it. */
  readonly headers?: string
  /** Close the connection behind this answer. */
  readonly close?: boolean
  /** Read nothing more for a second: the client asks too much. */
  readonly hold?: boolean
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
}

/**
 * The head of an answer, with the empty line behind it.
 * @param date now, as HTTP writes it
 * @param keepAliveSeconds how long the connection waits for the next request; undefined where it ends with this answer
 */
export function encodeAnswerHead(
  { status, type, body, headers = '' }: HttpAnswer,
  date: string,
  keepAliveSeconds: number | undefined,
): string {
  const connection =
    keepAliveSeconds === undefined ? 'close' : `keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}`
  return (
    `HTTP/1.1 ${status} ${REASONS[status] ?? ''}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n` +
    `${headers}Date: ${date}\r\nConnection: ${connection}\r\n\r\n`
  )
}
