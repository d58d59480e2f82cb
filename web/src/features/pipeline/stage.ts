import type { Stage } from './graph'

/** The colour of a stage, at the left edge of what stands for a deployment. */
export const STAGE_BORDER: Record<Stage, string> = {
  source: 'border-l-source',
  transformation: 'border-l-transformation',
  destination: 'border-l-destination',
  none: 'border-l-no-topics',
}
