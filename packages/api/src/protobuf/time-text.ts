/** Times of the years 1970 to 9999 need no calendar of the platform. */
const LAST_SECOND = 253_402_300_799;
const DAY_SECONDS = 86_400;
/** A power of two. */
const SLOTS = 256;

/** Times that were written of late: those within one object are often the same. */
const recentSeconds = new Float64Array(SLOTS).fill(Number.NaN);
const recentTexts = new Array<string>(SLOTS).fill('');

/** The day that was needed last, and the codes of its digits. */
const lastDay = { day: Number.NaN, digits: [0, 0, 0, 0, 0, 0, 0, 0] };

/** RFC 3339 in UTC, years beyond 9999 as they are; null for what is beyond all calendars. */
export function formatTime(seconds: number): string | null {
  const slot = seconds & (SLOTS - 1);
  if (recentSeconds[slot] === seconds) return recentTexts[slot] as string;
  const text = seconds >= 0 && seconds <= LAST_SECOND ? usual(seconds) : unusual(seconds, 'Z');
  if (text !== null) {
    recentSeconds[slot] = seconds;
    recentTexts[slot] = text;
  }
  return text;
}

/** As `formatTime`, with six digits behind the seconds. */
export function formatMicroTime(seconds: number, micros: number): string | null {
  return unusual(seconds, `.${String(micros).padStart(6, '0')}Z`);
}

function unusual(seconds: number, tail: string): string | null {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return null;
  return date.toISOString().slice(0, -5).replace(/^\+0*/, '') + tail;
}

const ZERO = 48;

function usual(seconds: number): string {
  const day = Math.floor(seconds / DAY_SECONDS);
  if (lastDay.day !== day) {
    const text = new Date(day * DAY_SECONDS * 1000).toISOString();
    lastDay.digits = [0, 1, 2, 3, 5, 6, 8, 9].map((at) => text.charCodeAt(at));
    lastDay.day = day;
  }
  const [y0 = 0, y1 = 0, y2 = 0, y3 = 0, m0 = 0, m1 = 0, d0 = 0, d1 = 0] = lastDay.digits;
  const rest = seconds - day * DAY_SECONDS;
  const hour = (rest / 3600) | 0;
  const minute = ((rest / 60) | 0) % 60;
  const second = rest % 60;
  const [h0, h1] = [ZERO + ((hour / 10) | 0), ZERO + (hour % 10)];
  const [i0, i1] = [ZERO + ((minute / 10) | 0), ZERO + (minute % 10)];
  const [s0, s1] = [ZERO + ((second / 10) | 0), ZERO + (second % 10)];
  // Characters, not pieces: V8 makes one flat string of them.
  return String.fromCharCode(y0, y1, y2, y3, 45, m0, m1, 45, d0, d1, 84, h0, h1, 58, i0, i1, 58, s0, s1, 90);
}
