import { openBrowser } from './chromium.ts'
const url = 'http://127.0.0.1:23410'
const b = await openBrowser()
const look = async (signed: boolean, scheme: 'dark'|'light', width: number) => {
  const c = await b.newContext({ baseURL: url, colorScheme: scheme, viewport: { width, height: 900 }, timezoneId: 'Asia/Tokyo' })
  const p = await c.newPage()
  p.on('console', m => { if (['error','warning'].includes(m.type())) console.log('   CONSOLE', m.type(), p.url(), m.text().slice(0, 600)) })
  p.on('pageerror', e => console.log('   PAGEERROR', p.url(), e.message.slice(0, 800)))
  if (signed) { await p.goto('/login'); await p.getByLabel(/^User name/).fill('demo_trader'); await p.getByLabel('Password', {exact: true}).fill('paper-money-only'); await p.getByRole('main').getByRole('button', {name:'Sign in'}).click(); await p.waitForURL('**/dashboard'); await p.waitForTimeout(500) }
  for (const path of ['/', '/markets', '/assets/BTC', '/login', '/register', '/markets?q=bit&sort=-price', '/login?next=%2Faccount', '/assets/NOSUCH']) {
    await p.addInitScript(`window.__cls=0;window.__shifts=[];new PerformanceObserver(l=>{for(const e of l.getEntries()){if(!e.hadRecentInput){window.__cls+=e.value;window.__shifts.push([e.value.toFixed(4),...e.sources.slice(0,3).map(s=>s.node&&s.node.outerHTML?s.node.outerHTML.slice(0,90):String(s.node))])}}}).observe({type:'layout-shift',buffered:true})`)
    await p.goto(path)
    await p.waitForTimeout(2500)
    const r = await p.evaluate('({cls: window.__cls, shifts: window.__shifts, taken: !!document.getElementById("taken-over"), theme: document.documentElement.dataset.theme, live: document.querySelector("header button")?.textContent, t: document.title, hyd: Object.keys(document.querySelector("main")).some(k=>k.startsWith("__reactFiber"))})') as any
    console.log(signed ? 'in ' : 'out', scheme, width, path, r.cls.toFixed(4), r.taken, r.hyd, r.t, r.live)
    for (const s of r.shifts.slice(0,4)) console.log('      ', s.join(' | '))
  }
  await c.close()
}
await look(false, 'light', 1440); await look(false, 'dark', 390); await look(true, 'dark', 1440); await look(true, 'light', 390)
await b.close()
