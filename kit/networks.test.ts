import { expect, test } from 'vitest'
import { isNetwork, networkOf, networksOf, spellNetwork } from './networks.ts'

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
  ['1::2:3:4:5:6:7', '1:0:2:3'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7/32', '203.0.113.7'],
  ['10.0.0.0/08', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8::1/128', '2001:db8::1'],
  ['2001:DB8::/32', '2001:db8::/32'],
  ['::/0', '::/0'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:cb00:7107', '203.0.113.7'],
  ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
  ['::ffff:0:0/96', '0.0.0.0/0'],
  ['::ffff:0:0/90', '::ffff:0.0.0.0/90'],
])('%s is spelled %s, which means the same', (network, spelling) => {
  expect(isNetwork(network)).toBe(true)
  expect(spellNetwork(network)).toBe(spelling)
  const [given, spelled] = [networksOf([network]), networksOf([spelling])]
  const addresses = ['203.0.113.7', '::ffff:203.0.113.7', '10.1.1.1', '2001:db8::1', '2001:db8::2']
  for (const address of addresses) expect(spelled(address)).toBe(given(address))
})

test.each(['', 'x', '203.0.113', '203.0.113.07', '203.0.113.7/33', '10.0.0.0/', '10.0.0.0/-1'])(
  '%j is no network',
  (text) => {
    expect(isNetwork(text)).toBe(false)
  },
)

test.each(['::1/129', 'fe80::1%eth0', 'fe80::1%eth0/64', ':::', '1::2::3', '10.0.0.0/8/8'])(
  '%j is no network either',
  (text) => {
    expect(isNetwork(text)).toBe(false)
  },
)

test('an address with a zone is in the networks of the address', () => {
  expect(networksOf(['fe80::/10'])('fe80::1%eth0')).toBe(true)
  expect(networksOf(['2001:db8::/32'])('fe80::1%eth0')).toBe(false)
})
