/** How long the caller waits, in milliseconds, travels with every call between services. */
export const TIMEOUT_HEADER = 'x-timeout-ms'
export const TIMEOUT_MS_DEFAULT = 10_000
