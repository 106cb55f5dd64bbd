/**
 * Waits for work that cannot be cancelled. Once `signal` is aborted, the promise rejects with the signal's reason, and the
 * work's result is dropped.
 */
export async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  // It may still fail later, with nothing left to handle that.
  work.catch(() => {})
  let leave = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason)
  })
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
