import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import type { DeclaredVariable, Variable } from '@/api/types'
import { Button, IconButton } from '@/components/button'
import { Field, Section, TextInput } from '@/components/form'
import { type Refusals, refusedVariable } from './draft-rules'
import { VariableInput } from './variable-input'

interface Props {
  variables: Record<string, Variable>
  declared: DeclaredVariable[]
  topics: string[]
  errors: Refusals
  onChange: (variables: Record<string, Variable>) => void
}

const KINDS: Record<string, string> = { InputTopic: 'reads', OutputTopic: 'writes', HiddenText: 'hidden', Secret: 'secret' }

function NewVariable({ taken, onAdd }: { taken: string[]; onAdd: (name: string) => void }) {
  const [name, setName] = useState<string>()
  if (name === undefined) {
    return (
      <Button className="justify-self-start" onClick={() => setName('')}>
        <Plus className="size-3.5" /> Add variable
      </Button>
    )
  }
  const refused = taken.includes(name) ? `'${name}' is there already` : refusedVariable(name)
  const add = () => {
    if (refused) return
    onAdd(name)
    setName(undefined)
  }
  return (
    <Field label="Name of the variable" error={name ? refused : undefined}>
      {(control) => (
        <div className="flex gap-2">
          <TextInput
            {...control}
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return
              // Enter would send the whole form.
              event.preventDefault()
              add()
            }}
          />
          <Button disabled={Boolean(refused)} onClick={add}>
            Add
          </Button>
          <Button onClick={() => setName(undefined)}>Cancel</Button>
        </div>
      )}
    </Field>
  )
}

/** The variables that the application takes, and others that are wanted besides. */
export function VariableFields({ variables, declared, topics, errors, onChange }: Props) {
  const byName = new Map(declared.map((each) => [each.name, each]))
  // As app.yaml orders them; others after.
  const names = [...byName.keys(), ...Object.keys(variables).filter((name) => !byName.has(name))].filter((name) => name in variables)
  return (
    <Section title="Variables">
      {names.map((name) => {
        const variable = variables[name] as Variable
        const kind = KINDS[variable.inputType ?? '']
        const label = (
          <>
            <span className="font-mono text-xs">{name}</span>
            {kind && <span className="text-muted"> · {kind}</span>}
            {variable.required && <span className="text-muted"> · required</span>}
          </>
        )
        return (
          <div key={name} className="flex items-start gap-1">
            <div className="min-w-0 grow">
              <Field label={label} hint={variable.description ?? undefined} error={errors[`variables.${name}`]}>
                {(control) => (
                  <VariableInput
                    {...control}
                    name={name}
                    variable={variable}
                    declared={byName.get(name)}
                    topics={topics}
                    onChange={(value) => onChange({ ...variables, [name]: { ...variable, value } })}
                  />
                )}
              </Field>
            </div>
            {!byName.has(name) && (
              <IconButton
                label={`Remove ${name}`}
                className="mt-6.5"
                onClick={() => {
                  const { [name]: _, ...rest } = variables
                  onChange(rest)
                }}
              >
                <X className="size-4" />
              </IconButton>
            )}
          </div>
        )
      })}
      {names.length === 0 && <p className="text-muted">The application takes none.</p>}
      <NewVariable taken={names} onAdd={(name) => onChange({ ...variables, [name]: { inputType: 'FreeText', value: '', required: false } })} />
    </Section>
  )
}
