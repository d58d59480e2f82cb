import { type ComponentProps, useState } from 'react'
import type { DeclaredVariable, Variable } from '@/api/types'
import { Button } from '@/components/button'
import { Select, TextArea, TextInput } from '@/components/form'
import { MASK } from './draft'

type Control = Pick<ComponentProps<'input'>, 'id' | 'aria-describedby' | 'aria-invalid'>

interface Props extends Control {
  name: string
  variable: Variable
  declared: DeclaredVariable | undefined
  topics: string[]
  onChange: (value: string) => void
}

const NEW = '\n'

/** One of the topics, or the name of one that is made with the deployment. */
function TopicInput({ name, variable, topics, onChange, ...control }: Omit<Props, 'declared'>) {
  const value = variable.value ?? ''
  const [fresh, setFresh] = useState(value !== '' && !topics.includes(value))
  const choose = (chosen: string) => {
    setFresh(chosen === NEW)
    onChange(chosen === NEW ? '' : chosen)
  }
  return (
    <div className="grid gap-2">
      <Select {...(fresh ? { id: control.id } : control)} value={fresh ? NEW : value} onChange={(event) => choose(event.target.value)}>
        {!variable.required || !value ? <option value="">{variable.required ? 'Choose a topic' : 'No topic'}</option> : null}
        <option value={NEW}>New topic…</option>
        {topics.map((topic) => (
          <option key={topic}>{topic}</option>
        ))}
      </Select>
      {fresh && (
        <TextInput
          {...control}
          id={undefined}
          autoFocus={value === ''}
          aria-label={`Name of the new topic for ${name}`}
          placeholder="Name of the topic, which is made with the deployment"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </div>
  )
}

/** A value that is never shown. The present one is kept until another is typed. */
function HiddenInput({ name, variable, onChange, ...control }: Omit<Props, 'declared' | 'topics'>) {
  const [before] = useState(variable.value)
  const kept = variable.value === MASK
  return (
    <div className="flex gap-2">
      <TextInput
        {...control}
        type="password"
        autoComplete="new-password"
        placeholder={kept ? `${MASK} kept as it is` : undefined}
        value={kept ? '' : (variable.value ?? '')}
        onChange={(event) => onChange(event.target.value)}
      />
      {before === MASK && !kept && (
        <Button aria-label={`Keep the present value of ${name}`} onClick={() => onChange(MASK)}>
          Keep the present
        </Button>
      )}
    </div>
  )
}

/** A value, entered as its kind wants it. */
export function VariableInput({ declared, topics, ...props }: Props) {
  const { name, variable, onChange, ...control } = props
  const value = variable.value ?? ''
  switch (variable.inputType) {
    case 'InputTopic':
    case 'OutputTopic':
      return <TopicInput {...props} topics={topics} />
    case 'HiddenText':
    case 'Secret':
      return <HiddenInput {...props} />
    case 'Options': {
      const options = declared?.options ?? []
      const known = options.some((option) => option.value === value)
      return (
        <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          {!known && <option value={value}>{value || 'Choose'}</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </Select>
      )
    }
    default:
      if (declared?.multiline || value.includes('\n')) {
        return <TextArea {...(control as ComponentProps<'textarea'>)} value={value} onChange={(event) => onChange(event.target.value)} />
      }
      return <TextInput {...control} value={value} onChange={(event) => onChange(event.target.value)} />
  }
}
