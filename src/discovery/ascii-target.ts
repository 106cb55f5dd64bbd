/**
 * The path and query of an address as protocols carry them: byte for byte as they were written, with spaces, control characters and what is
 * not ASCII as percent escapes of their UTF-8.
 */
export function asciiTarget(target: string): string {
  return target.replace(/[^\x21-\x7e]+/gu, run =>
    Buffer.from(run).toString('hex').toUpperCase().replace(/../g, '%$&'),
  )
}
