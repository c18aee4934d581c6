import { type ComponentType, createElement, type ReactNode, useEffect, useState } from 'react'
import { t } from '../messages.ts'
import { toast } from './toaster.tsx'

const AGAIN_MS = 3_000

/**
 * A part whose code is loaded when it is first shown. Where it cannot be had the page stands, somebody
 * is told, and it is asked for again until it comes.
 */
export function onDemand<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  meanwhile: (props: Props) => ReactNode = () => null,
): (props: Props) => ReactNode {
  let arrived: ComponentType<Props> | undefined
  return function Part(props: Props): ReactNode {
    const [content, setContent] = useState(() => arrived)
    useEffect(() => {
      let failures = 0
      let again: ReturnType<typeof setTimeout> | undefined
      let left = false
      const take = (part: ComponentType<Props>): void => {
        arrived = part
        if (!left) setContent(() => part)
      }
      const wait = (): void => {
        if (left) return
        failures += 1
        if (failures === 1)
          toast(t('A part of this page could not be loaded. It is asked for again.'))
        again = setTimeout(ask, AGAIN_MS)
      }
      const ask = (): void => void load().then(take, wait)
      if (arrived === undefined) ask()
      return () => {
        left = true
        clearTimeout(again)
      }
    }, [])
    return content === undefined ? meanwhile(props) : createElement(content, props)
  }
}
