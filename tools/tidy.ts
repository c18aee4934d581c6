/** What a stranger would stumble over. Each rule is seen to refuse a planted offence in the test. */
import {
  aLongReadme,
  decisionsOutOfForm,
  pathsThatLeadNowhere,
  scriptsThatDoNotExist,
  variablesThatDoNotExist,
} from './tidy-documents.ts'
import {
  machinePaths,
  namesThatAreNotKebabCase,
  narrowedTests,
  unfinishedWords,
  vagueNames,
} from './tidy-files.ts'
import {
  dependenciesWithoutReason,
  lockfilesOfOnePlatform,
  scriptsThatRunNothing,
  versionsThatFloat,
} from './tidy-packages.ts'
import { readTree, type Tree } from './tree.ts'

/** Each finds the offences of one kind, a sentence each. */
export const rules: readonly ((tree: Tree) => string[])[] = [
  pathsThatLeadNowhere,
  scriptsThatDoNotExist,
  variablesThatDoNotExist,
  aLongReadme,
  decisionsOutOfForm,
  vagueNames,
  namesThatAreNotKebabCase,
  unfinishedWords,
  narrowedTests,
  machinePaths,
  versionsThatFloat,
  dependenciesWithoutReason,
  lockfilesOfOnePlatform,
  scriptsThatRunNothing,
]

if (import.meta.main) {
  const tree = readTree(process.cwd())
  const offences = new Set(rules.flatMap((rule) => rule(tree)))
  for (const offence of offences) console.error(offence)
  console.log(`${tree.size} files, ${offences.size} offences`)
  process.exitCode = offences.size === 0 && tree.size > 0 ? 0 : 1
}
