// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { DecimalField } from './decimal-field.tsx'

afterEach(cleanup)

function Amount() {
  const [value, setValue] = useState('')
  return (
    <DecimalField
      label="Amount"
      value={value}
      onType={setValue}
      placesMax={2}
      hint="In dollars"
      unclear="Write it with a point."
      understood={(text) => `Read as ${text}`}
    />
  )
}

const field = () => screen.getByLabelText<HTMLInputElement>('Amount')
const type = (value: string) => fireEvent.change(field(), { target: { value } })

describe('a field for a decimal', () => {
  it('leaves what is typed as it is typed', () => {
    render(<Amount />)
    for (const typed of ['1', '1.', '1.0', '1,5', '007', 'abc']) {
      type(typed)
      expect(field().value).toBe(typed)
    }
  })

  it('says what it has understood where that is not what stands there', () => {
    render(<Amount />)
    type('1,5')
    expect(screen.getByText('Read as 1.5')).toBeDefined()
    type('1.5')
    expect(screen.queryByText(/Read as/)).toBeNull()
    expect(screen.getByText('In dollars')).toBeDefined()
  })

  it('complains on leaving, not while typing', () => {
    render(<Amount />)
    type('1,234')
    expect(screen.queryByRole('alert')).toBeNull()
    fireEvent.blur(field())
    expect(screen.getByRole('alert').textContent).toBe('Write it with a point.')
    expect(field().getAttribute('aria-invalid')).toBe('true')
    type('1,23')
    expect(screen.queryByRole('alert')).toBeNull()
  })

  it('is text, which no wheel and no arrow key can change', () => {
    render(<Amount />)
    expect([field().type, field().inputMode]).toEqual(['text', 'decimal'])
  })
})
