import { expect, test } from 'vitest'
import { OPERATOR_HELP, readOperatorRequest } from './operator-command.ts'
import { CommandError } from './run-command.ts'

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '')

test.each(['', 'help', '--as grace'])('"%s" asks for help', (line) => {
  expect(readOperatorRequest(words(line)).action).toBeUndefined()
})

test.each([
  'freeze',
  'release',
  'halt',
  'unhalt',
  'adjust',
  'rotate-keys',
  'reset-second-factor',
  'sign-out',
  'security-log',
])('help tells of %s', (command) => {
  expect(OPERATOR_HELP).toContain(`  ${command} `)
})

test.each([
  'adjust alice_01 USD -5.00 --reason mistake',
  'adjust --reason mistake alice_01 USD -5.00',
  'adjust -5.00 --reason=mistake alice_01 USD',
  'adjust alice_01 USD --reason mistake -- -5.00',
])('a negative amount is no option: %s', (line) => {
  expect(readOperatorRequest(words(line)).action).toEqual({
    kind: 'adjust',
    user: 'alice_01',
    asset: 'USD',
    amount: '-5.00',
    reason: 'mistake',
    corrects: undefined,
  })
})

test('the security log is of today, of everything, a hundred events, as a table', () => {
  expect(readOperatorRequest(words('security-log')).action).toEqual({
    kind: 'list-events',
    day: undefined,
    event: undefined,
    user: undefined,
    address: undefined,
    limit: 100,
    json: false,
  })
})

test('a plus sign adds', () => {
  const { action } = readOperatorRequest(words('adjust alice_01 BTC +0.5 --reason bonus'))
  expect(action).toMatchObject({ amount: '0.5' })
})

test('who acts and the key of an earlier attempt are taken as given', () => {
  const line = 'halt BTC --reason split --as grace --key 0123456789abcdef'
  expect(readOperatorRequest(words(line))).toMatchObject({ as: 'grace', key: '0123456789abcdef' })
})

test.each([
  ['freeze --reason because', '<user> is missing.'],
  ['freeze alice_01', '--reason <why> is missing.'],
  ['freeze alice_01 bob_02 --reason because', 'What is bob_02?'],
  ['adjust alice_01 --reason because', '<USD or asset> is missing.'],
  ['adjust alice_01 USD --reason because', '<amount> is missing.'],
  ['adjust alice_01 USD 5 --reason because --corrects 0', '--corrects takes the number'],
  ['adjust alice_01 USD 5 --reason because --corrects 1e3', '--corrects takes the number'],
  ['freeze alice_01 --reason because --corrects 3', '--corrects belongs to adjust.'],
  ['rotate-keys', '--reason <why> is missing.'],
  ['rotate-keys all --reason because', 'What is all?'],
  ['reset-second-factor --reason because', '<user> is missing.'],
  ['sign-out --reason because', '<user> is missing.'],
  ['sign-out alice_01', '--reason <why> is missing.'],
  ['security-log alice_01', 'What is alice_01?'],
  ['security-log --kind break-in', '--kind takes one of user-registered, signed-in'],
  ['security-log --limit 0', '--limit takes a number'],
  ['freeze alice_01 --reason because --json', '--json belongs to security-log.'],
  ['freeze alice_01 --reason because --day 2026-01-31', '--day belongs to security-log.'],
  ['freeze alice_01 --why because', "Unknown option '--why'."],
  ['freeze alice_01 --reason', "Option '--reason <value>' argument missing."],
  ['freeze alice_01 --reason --as grace', "Option '--reason' argument is ambiguous."],
  ['constructor alice_01 --reason because', 'There is no command constructor.'],
])('"%s" is refused: %s', (line, sentence) => {
  const read = () => readOperatorRequest(words(line))
  expect(read).toThrow(CommandError)
  expect(read).toThrow(sentence)
  expect(read).toThrow(/^[^\n]*See: npm run operator -- help$/)
})

test('help says what freezing leaves', () => {
  expect(OPERATOR_HELP).toMatch(/freeze .*trades.*cash;.*\n.*sign in.*sign-out/)
})
