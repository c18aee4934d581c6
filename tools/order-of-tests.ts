import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Where tests start whole platforms, kill them and wait for them, the longest first. */
const LONG = ['tests/faults/', 'tests/browser/', 'tests/attacks/', 'tests/journeys/', 'bench/']

/** Long files first, so that none of them is still running when everything else has ended. */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rankOf(one.moduleId) - rankOf(other.moduleId))
  }
}

export function rankOf(file: string): number {
  const rank = LONG.findIndex((folder) => file.includes(`/${folder}`))
  return rank < 0 ? LONG.length : rank
}
