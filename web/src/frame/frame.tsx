/** The house every page is in: where one can go, how fresh the prices are, who is here. */
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import {
  ArrowLeftRight,
  ChartNoAxesColumn,
  ChartPie,
  Landmark,
  LayoutDashboard,
  LogIn,
  Moon,
  Search,
  Settings,
  Sun,
  UserPlus,
} from 'lucide-react'
import { type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react'
import { connection } from '../client/stream.ts'
import { useSessionState } from '../client/use-session.ts'
import { t } from '../messages.ts'
import { buttonClasses } from '../ui/button.tsx'
import { classes } from '../ui/class-names.ts'
import { onDemand } from '../ui/on-demand.tsx'
import { Stamp } from '../ui/panel.tsx'
import { Toaster } from '../ui/toaster.tsx'
import { choose, useAppearance } from './appearance.ts'
import { CodeAsker } from './code-asker.tsx'
import { ConnectionLabel } from './connection-label.tsx'
import { askPalette, useOverlay } from './overlay.ts'

const Lantern = onDemand(async () => (await import('./lantern.tsx')).Lantern)
const Palette = onDemand(async () => (await import('./palette.tsx')).Palette)
const ShortcutList = onDemand(async () => (await import('./shortcut-list.tsx')).ShortcutList)

export function Frame() {
  const main = useFocusOnArrival()
  const overlay = useOverlay()
  useShortcuts()
  useEffect(() => connection.want(), [])
  return (
    <div className="flex min-h-dvh flex-col max-md:pb-(--below)">
      <a
        href="#main"
        className="absolute top-2 left-2 z-40 -translate-y-16 rounded-md bg-ink px-4 py-2 text-paper focus:translate-y-0"
      >
        {t('Skip to the page')}
      </a>
      <Header onSearch={askPalette} />
      <main ref={main} id="main" tabIndex={-1} className="flex-1 outline-none">
        <Outlet />
      </main>
      <Footer />
      <PhoneNavigation />
      <Toaster />
      {overlay === 'palette' ? <Palette /> : null}
      {overlay === 'shortcuts' ? <ShortcutList /> : null}
      <CodeAsker />
    </div>
  )
}

function useShortcuts(): void {
  const navigate = useNavigate()
  useEffect(() => {
    const keys = import('./shortcuts.ts').then(({ followKeys }) =>
      followKeys((to) => void navigate({ to })),
    )
    // Without them everything is still reached by the tabulator.
    return () => void keys.then((stop) => stop()).catch(() => undefined)
  }, [navigate])
}

/** Who walks to another page by keyboard or ear starts at its beginning. */
function useFocusOnArrival() {
  const main = useRef<HTMLElement>(null)
  const path = useLocation({ select: ({ pathname }) => pathname })
  const arrived = useRef(path)
  useEffect(() => {
    if (arrived.current === path) return
    arrived.current = path
    const inside = main.current?.contains(document.activeElement) === true
    if (!inside) main.current?.focus({ preventScroll: true })
  }, [path])
  return main
}

const PLACES = [
  { to: '/markets', label: () => t('Markets'), icon: ChartNoAxesColumn, own: false },
  { to: '/trade', label: () => t('Trade'), icon: ArrowLeftRight, own: false },
  { to: '/dashboard', label: () => t('Dashboard'), icon: LayoutDashboard, own: true },
  { to: '/portfolio', label: () => t('Portfolio'), icon: ChartPie, own: true },
  { to: '/account', label: () => t('Account'), icon: Landmark, own: true },
] as const

/** The desk of a trader is wider than other pages, and what is above stays in line with it. */
const useWidth = (): string =>
  useLocation({ select: ({ pathname }) => pathname.startsWith('/trade/') })
    ? 'max-w-trade'
    : 'max-w-page'

function Header({ onSearch }: { readonly onSearch: () => void }) {
  const width = useWidth()
  return (
    <header className="sticky top-0 z-20 border-b border-line bg-paper">
      <div className={`mx-auto flex h-14 items-center gap-3 px-4 md:gap-6 md:px-6 ${width}`}>
        <Link to="/" className="flex items-center gap-2 font-display text-lg font-bold">
          <Mark />
          CNOP
        </Link>
        <nav aria-label={t('Main')} className="hidden items-center gap-1 md:flex">
          {PLACES.map(({ to, label }) => (
            <Link
              key={to}
              to={to}
              className="rounded-md px-3 py-1.5 text-sm text-ink-2 hover:text-ink"
              activeProps={{ className: 'bg-raised font-semibold text-ink' }}
            >
              {label()}
            </Link>
          ))}
        </nav>
        <span className="flex-1" />
        <ConnectionLabel />
        <span className="hidden sm:block">
          <Stamp>{t('Paper money')}</Stamp>
        </span>
        <button
          type="button"
          onClick={onSearch}
          aria-keyshortcuts="Control+K /"
          className="flex h-9 items-center gap-2 rounded-md border border-line px-2.5 text-sm text-ink-2 hover:border-field hover:text-ink"
        >
          <Search aria-hidden="true" className="size-4" />
          <span className="sr-only">{t('Search')}</span>
          <kbd className="hidden font-code text-xs text-ink-3 lg:block">Ctrl K</kbd>
        </button>
        <ThemeSwitch />
        <Who />
      </div>
    </header>
  )
}

/** A rising line over a dotted one: the market above the ledger. */
function Mark() {
  return (
    <svg aria-hidden="true" viewBox="0 0 24 24" className="size-6">
      <path
        d="M3 19.5h18"
        stroke="currentColor"
        strokeWidth="2"
        strokeDasharray="0.1 3.5"
        strokeLinecap="round"
      />
      <path
        d="M3 13.5 8.5 9l4 2.8L21 4.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

function ThemeSwitch() {
  useAppearance(({ theme }) => theme)
  const dark = useSyncExternalStore(useAppearance.subscribe, isDark, () => false)
  return (
    <button
      type="button"
      aria-label={dark ? t('Light theme') : t('Dark theme')}
      onClick={() => choose({ theme: dark ? 'light' : 'dark' })}
      className="grid size-9 place-items-center rounded-md text-ink-2 hover:bg-raised hover:text-ink"
    >
      <Moon aria-hidden="true" className="size-4 dark:hidden" />
      <Sun aria-hidden="true" className="hidden size-4 dark:block" />
    </button>
  )
}

const isDark = (): boolean => document.documentElement.dataset['theme'] === 'dark'

/** Strangers and customers get the same document; the mark on its root says which of the two is seen. */
function Who(): ReactNode {
  return (
    <>
      <span className="hidden items-center gap-3 md:gap-6 customer:flex">
        <Link
          to="/settings"
          aria-label={t('Settings')}
          className="grid size-9 place-items-center rounded-md text-ink-2 hover:bg-raised hover:text-ink"
          activeProps={{ className: 'bg-raised text-ink' }}
        >
          <Settings aria-hidden="true" className="size-4" />
        </Link>
        <SignOut />
      </span>
      <span className="hidden items-center gap-1 md:flex customer:hidden">
        <Link to="/login" className={buttonClasses('quiet', 'sm')}>
          {t('Sign in')}
        </Link>
        <Link to="/register" className={buttonClasses('primary', 'sm')}>
          {t('Open an account')}
        </Link>
      </span>
    </>
  )
}

function SignOut() {
  return (
    <button
      type="button"
      className={classes(buttonClasses('plain', 'sm'), 'max-md:hidden')}
      onClick={() => void import('./sign-out.ts').then(({ signOut }) => signOut())}
    >
      {t('Sign out')}
    </button>
  )
}

const BELOW = [
  ...PLACES.map((place) => ({ ...place, seen: place.own ? 'hidden customer:grid' : 'grid' })),
  { to: '/login', label: () => t('Sign in'), icon: LogIn, seen: 'grid customer:hidden' },
  { to: '/register', label: () => t('Register'), icon: UserPlus, seen: 'grid customer:hidden' },
] as const

function PhoneNavigation() {
  return (
    <nav
      aria-label={t('Main, below')}
      className="fixed inset-x-0 bottom-0 z-20 flex border-t border-line bg-paper pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {BELOW.map(({ to, label, icon: Icon, seen }) => (
        <Link
          key={to}
          to={to}
          className={`${seen} h-14 flex-1 place-items-center content-center gap-0.5 text-xs text-ink-2`}
          activeProps={{ className: 'font-semibold text-ink' }}
        >
          <Icon aria-hidden="true" className="size-5" />
          {label()}
        </Link>
      ))}
    </nav>
  )
}

function Footer() {
  const signedIn = useSessionState() === 'signed-in'
  return (
    <footer className="mt-16 border-t border-line">
      <div
        className={`mx-auto flex flex-wrap items-center gap-x-6 gap-y-2 px-4 py-6 text-xs text-ink-3 md:px-6 ${useWidth()}`}
      >
        <p>{t('Paper money only. Nothing here is investment advice.')}</p>
        <span className="flex-1" />
        {signedIn ? <Lantern /> : null}
        <Link to="/settings/display" className="hover:text-ink">
          {t('Display')}
        </Link>
        <a href="/docs" className="hover:text-ink">
          {t('API')}
        </a>
      </div>
    </footer>
  )
}
