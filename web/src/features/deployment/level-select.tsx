import { isLevel, type Level } from '@/api/log-query'
import { classes } from '@/components/classes'
import { Select } from '@/components/form'

/** How loud lines have to be. */
export function LevelSelect({ level, onChange, className }: { level: Level | undefined; onChange: (level: Level | undefined) => void; className?: string }) {
  return (
    <Select
      aria-label="Level"
      className={classes('h-7! w-auto! shrink-0 border-line!', className)}
      value={level ?? ''}
      onChange={({ target: { value } }) => onChange(isLevel(value) ? value : undefined)}
    >
      <option value="">Every level</option>
      <option value="error">Errors</option>
      <option value="warning">Warnings and errors</option>
      <option value="info">Info and louder</option>
      <option value="debug">Debug and louder</option>
    </Select>
  )
}
