/**
 * Rejects with a message that says what was awaited once `ms` have passed; the work itself goes on.
 * @param what a function where the message is to say how far it came
 */
export async function within<Value>(
  ms: number,
  what: string | (() => string),
  work: Promise<Value>,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const fail = () =>
      reject(new Error(`waited ${ms} ms in vain for ${typeof what === 'string' ? what : what()}`))
    timer = setTimeout(fail, ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks again every 50 ms, for what can only be asked (files, other programs): the first answer that is not undefined. */
export async function poll<Value>(
  what: string,
  ask: () => Promise<Value | undefined>,
  withinMs = 30_000,
): Promise<Value> {
  const end = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain for ${what}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
