const MINUTE = 60
const HOUR = 3_600

const two = (value: number): string => String(value).padStart(2, '0')

/** `4:32`, or `1:04:32` from an hour on. */
export function countdown(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / HOUR), Math.floor((seconds % HOUR) / MINUTE)]
  const rest = two(seconds % MINUTE)
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${two(minutes)}:${rest}`
}
