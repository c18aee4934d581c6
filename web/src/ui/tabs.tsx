import { Content, List, Root, Trigger } from '@radix-ui/react-tabs'
import type { ReactNode } from 'react'

export type Tab<T extends string> = {
  readonly value: T
  readonly label: string
  readonly content: ReactNode
}

/** One of several views of the same thing; arrow keys move between them. */
export function Tabs<T extends string>({
  tabs,
  value,
  onPick,
  label,
}: {
  readonly tabs: readonly Tab<T>[]
  readonly value: T
  readonly onPick: (value: T) => void
  readonly label: string
}) {
  return (
    <Root value={value} onValueChange={(picked) => onPick(picked as T)}>
      <List
        aria-label={label}
        className="flex gap-5 overflow-x-auto border-b border-line hide-scrollbar"
      >
        {tabs.map((tab) => (
          <Trigger
            key={tab.value}
            value={tab.value}
            className="-mb-px h-11 border-b-2 border-transparent text-sm whitespace-nowrap text-ink-2 hover:text-ink data-[state=active]:border-ink data-[state=active]:font-semibold data-[state=active]:text-ink"
          >
            {tab.label}
          </Trigger>
        ))}
      </List>
      {tabs.map((tab) => (
        <Content key={tab.value} value={tab.value} className="outline-offset-4">
          {tab.content}
        </Content>
      ))}
    </Root>
  )
}
