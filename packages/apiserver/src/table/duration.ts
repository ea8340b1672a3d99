const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const yearMs = 365 * dayMs;

/** Up to `limitMs`: how much of it is said, as whole `unit`s and, when they are not zero, whole `rest`s below one unit. */
const precision: readonly {
  readonly limitMs: number;
  readonly unitMs: number;
  readonly unit: string;
  readonly restMs?: number;
  readonly rest?: string;
}[] = [
  { limitMs: 2 * minuteMs, unitMs: secondMs, unit: 's' },
  { limitMs: 10 * minuteMs, unitMs: minuteMs, unit: 'm', restMs: secondMs, rest: 's' },
  { limitMs: 3 * hourMs, unitMs: minuteMs, unit: 'm' },
  { limitMs: 8 * hourMs, unitMs: hourMs, unit: 'h', restMs: minuteMs, rest: 'm' },
  { limitMs: 2 * dayMs, unitMs: hourMs, unit: 'h' },
  { limitMs: 8 * dayMs, unitMs: dayMs, unit: 'd', restMs: hourMs, rest: 'h' },
  { limitMs: 2 * yearMs, unitMs: dayMs, unit: 'd' },
  { limitMs: 8 * yearMs, unitMs: yearMs, unit: 'y', restMs: dayMs, rest: 'd' },
  { limitMs: Number.POSITIVE_INFINITY, unitMs: yearMs, unit: 'y' },
];

/** A duration as kubectl shows ages: `45s`, `3m20s`, `5h12m`, `3d4h`, `400d`, `2y100d`. @see k8s.io/apimachinery util/duration */
export function humanDuration(durationMs: number): string {
  if (Number.isNaN(durationMs) || durationMs <= -2 * secondMs) return '<invalid>';
  if (durationMs < 0) return '0s';
  const { unitMs, unit, restMs, rest } = precision.find(({ limitMs }) => durationMs < limitMs) ?? {
    unitMs: yearMs,
    unit: 'y',
  };
  const units = Math.floor(durationMs / unitMs);
  const rests = restMs === undefined ? 0 : Math.floor((durationMs - units * unitMs) / restMs);
  return rests === 0 ? `${units}${unit}` : `${units}${unit}${rests}${rest}`;
}

/** How long ago a wire time was; `<unknown>` when there is none. */
export function since(time: unknown, nowMs: number): string {
  if (typeof time !== 'string' || time === '') return '<unknown>';
  return humanDuration(nowMs - Date.parse(time));
}
