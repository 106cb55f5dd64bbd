/**
 * Waits for work that cannot be called off itself; once `signal` is aborted it rejects with the signal's reason, and
 * what the work comes to is dropped.
 */
export async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  // It may fail later, when nobody waits for it any more.
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
