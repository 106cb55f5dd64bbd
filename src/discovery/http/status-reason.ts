/** True for a status that comes with the requested resource. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/**
 * Explains an error status and what can be done about it, to follow an address and a colon. The server's own phrase is not used,
 * since it may say anything.
 * @param hasCredentials true if the address has a user name or a password
 */
export function statusReason(status: number, hasCredentials: boolean): string {
  // Loaded only for an error: it takes milliseconds, and every download reads this file.
  const { STATUS_CODES } = process.getBuiltinModule('node:http')
  const answered = `answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  const meaning = meaningOf(status, hasCredentials)
  return meaning === undefined ? answered : `${answered}: ${meaning}`
}

function meaningOf(status: number, hasCredentials: boolean): string | undefined {
  switch (status) {
    case 401:
      return hasCredentials
        ? 'it does not accept the user name and password in the address'
        : 'it wants a user name and a password: put them in the address, as in https://name:password@host/'
    case 403:
      return 'it does not let us have this'
    case 404:
    case 410:
      return 'there is nothing at this address: check it'
    case 408:
    case 429:
    case 503:
      return 'it has too much to do: try again later'
    default:
      return status >= 500 && status < 600 ? 'something is wrong with the server: try again later' : undefined
  }
}

/** True if a body is a web page, whatever its type says. Many servers answer any request with one. */
export function looksLikeHtml(body: Uint8Array, contentType: string): boolean {
  const first = body.find(byte => byte > 0x20)
  return first === LESS_THAN || (contentType.toLowerCase().startsWith('text/html') && first !== DICTIONARY)
}

const LESS_THAN = 0x3c
/** A bencoded dictionary begins with it. */
const DICTIONARY = 0x64
