/** The part of a terminal that is drawn on. */
export interface TerminalStream extends NodeJS.WritableStream {
  readonly columns?: number
  readonly rows?: number
}

/** The usual size, for terminals that do not tell theirs. */
const USUAL_COLUMNS = 80
const USUAL_ROWS = 24

export function columnsOf(stream: TerminalStream): number {
  return stream.columns || USUAL_COLUMNS
}

export function rowsOf(stream: TerminalStream): number {
  return stream.rows || USUAL_ROWS
}
