import type { CATEGORIES } from '@cnop/contract/inventory.ts'
import { t } from '../messages.ts'

/** A category as it is written in a sentence. */
export function categoryName(category: (typeof CATEGORIES)[number]): string {
  const names = {
    'layer-1': t('Layer 1'),
    'layer-2': t('Layer 2'),
    stablecoin: t('Stablecoin'),
    defi: t('DeFi'),
    meme: t('Meme'),
    exchange: t('Exchange'),
    infrastructure: t('Infrastructure'),
    gaming: t('Gaming'),
    privacy: t('Privacy'),
    payments: t('Payments'),
    ai: t('AI'),
    storage: t('Storage'),
    oracle: t('Oracle'),
    rwa: t('Real-world assets'),
  }
  return names[category]
}
