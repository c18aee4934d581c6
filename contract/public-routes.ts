/** Every route that exists outside. What is not in this list is not there. */
import { createApiKey, listApiKeys, revokeApiKey } from './api-key.ts'
import { changeEmail, getProfile, register, updateProfile } from './auth.ts'
import {
  deposit,
  getAssetBalance,
  getAssetBalanceByAsset,
  getBalance,
  getLimits,
  listAssetBalances,
  listCashTransactions,
  withdraw,
} from './balance.ts'
import { getCapabilities } from './capabilities.ts'
import { getPortfolioInsight } from './insights.ts'
import { getAsset, getAssetImage, getCandles, listAssets } from './inventory.ts'
import {
  cancelOrder,
  getOrder,
  listAssetTransactions,
  listOrders,
  placeOrder,
  previewOrder,
} from './order.ts'
import {
  changePassword,
  forgotPassword,
  resetPassword,
  sendVerification,
  verifyEmail,
} from './password.ts'
import { getPortfolio, getPortfolioHistory, verifyLedger } from './portfolio.ts'
import { claimReward } from './reward.ts'
import type { Route } from './route.ts'
import {
  beginSecondFactor,
  confirmSecondFactor,
  dropSecondFactor,
  getSecondFactor,
} from './second-factor.ts'
import {
  endOtherSessions,
  endSession,
  listSessions,
  login,
  logout,
  refresh,
  tokenKeys,
} from './session.ts'
import { openStream } from './stream.ts'
import { getPreferences, getWatchlist, putPreferences, putWatchlist } from './user.ts'

export const PUBLIC_ROUTES = [
  register,
  login,
  refresh,
  logout,
  listSessions,
  endSession,
  endOtherSessions,
  getProfile,
  updateProfile,
  changeEmail,
  changePassword,
  forgotPassword,
  resetPassword,
  verifyEmail,
  sendVerification,
  getSecondFactor,
  beginSecondFactor,
  confirmSecondFactor,
  dropSecondFactor,
  listApiKeys,
  createApiKey,
  revokeApiKey,
  tokenKeys,
  getPreferences,
  putPreferences,
  getWatchlist,
  putWatchlist,
  listAssets,
  getAsset,
  getAssetImage,
  getCandles,
  getBalance,
  deposit,
  withdraw,
  claimReward,
  getLimits,
  listCashTransactions,
  getAssetBalance,
  getAssetBalanceByAsset,
  listAssetBalances,
  placeOrder,
  previewOrder,
  listOrders,
  getOrder,
  cancelOrder,
  listAssetTransactions,
  getPortfolio,
  getPortfolioHistory,
  verifyLedger,
  getPortfolioInsight,
  openStream,
  getCapabilities,
] as const satisfies readonly Route[]
