/** The code of a page, which may not arrive. */

/** Nothing answers, so nothing is known of the page either. */
export class NotArrived extends Error {}

/**
 * A page whose code is missing is taken for one of an older build, and the document is loaded again.
 * While nothing answers that would lose the page that stands: then it is only not there yet.
 */
export const arriving =
  <Code>(load: () => Promise<Code>) =>
  async (): Promise<Code> => {
    try {
      return await load()
    } catch (error) {
      throw (await answers()) ? error : new NotArrived()
    }
  }

const answers = (): Promise<boolean> =>
  fetch('/health/live', { cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  )
