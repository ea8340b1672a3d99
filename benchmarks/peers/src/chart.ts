import type { Point } from './statistics.ts';

/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Drawn stronger. */
  readonly isOurs?: boolean | undefined;
}

/** What a chart shows. */
export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
}

const width = 760;
const height = 420;
const area = { left: 64, top: 52, right: 540, bottom: 364 };
const labelGap = 18;
/** Of middling lightness: they can be told apart on white and on black. */
const colours = ['#2f81f7', '#2da44e', '#d4762c', '#a371f7', '#bf8700'];

/** A step of 1, 2 or 5 times a power of ten that gives at most `most` steps up to `top`. */
export function stepFor(top: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(top / most));
  return ([1, 2, 5, 10].find((factor) => top / (factor * power) <= most) ?? 10) * power;
}

/** Moves labels apart that would overlap, from top to bottom; their order stays, and the last one stays above `bottom` if it can. */
export function spread(places: readonly number[], gap: number, bottom: number): number[] {
  const order = places.map((_, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const moved = [...places];
  let before = Number.NEGATIVE_INFINITY;
  for (const index of order) {
    moved[index] = before = Math.max(moved[index] ?? 0, before + gap);
  }
  let after = bottom + gap;
  for (const index of order.toReversed()) {
    moved[index] = after = Math.min(moved[index] ?? 0, after - gap);
  }
  return moved;
}

const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char] ?? char);

const text = (x: number, y: number, content: string, attributes = ''): string =>
  `<text x="${round(x)}" y="${round(y)}"${attributes && ` ${attributes}`}>${escapeXml(content)}</text>`;

const round = (value: number): number => Math.round(value * 10) / 10;
const ticks = (top: number, most: number): number[] => {
  const step = stepFor(top, most);
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, index) => index * step);
};

/** Draws lines over a count, from 0 on both axes, as an SVG document that can be read on light and on dark ground. Empty series are left out. */
export function drawChart({ title, xLabel, yLabel, series }: Chart): string {
  const drawn = series.filter(({ points }) => points.length > 0);
  const all = drawn.flatMap(({ points }) => points);
  const topX = Math.max(1, ...all.map(([x]) => x));
  const highest = Math.max(1e-9, ...all.map(([, y]) => y));
  const stepY = stepFor(highest, 6);
  const topY = Math.ceil(highest / stepY - 1e-9) * stepY;
  const toX = (x: number): number => area.left + (x / topX) * (area.right - area.left);
  const toY = (y: number): number => area.bottom - (y / topY) * (area.bottom - area.top);
  const ends = drawn.map(({ points }) => toY(points.at(-1)?.[1] ?? 0));
  const labels = spread(ends, labelGap, area.bottom);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    '<style>text{font:13px system-ui,sans-serif;fill:#57606a}.title{font-weight:600;font-size:15px}.grid{stroke:#8b949e;stroke-opacity:.3}path{fill:none}@media(prefers-color-scheme:dark){text{fill:#b1bac4}}</style>',
    text(area.left, 26, title, 'class="title"'),
  ];
  for (const y of ticks(topY, 6)) {
    parts.push(`<path class="grid" d="M${area.left} ${round(toY(y))}H${area.right}"/>`);
    parts.push(text(area.left - 8, toY(y) + 4, y.toLocaleString('en-US'), 'text-anchor="end"'));
  }
  for (const x of ticks(topX, 5)) {
    parts.push(text(toX(x), area.bottom + 20, x.toLocaleString('en-US'), 'text-anchor="middle"'));
  }
  parts.push(text((area.left + area.right) / 2, area.bottom + 42, xLabel, 'text-anchor="middle"'));
  parts.push(text(area.left - 8, area.top - 16, yLabel, 'text-anchor="end"'));
  for (const [index, { name, points, isOurs }] of drawn.entries()) {
    const colour = colours[index % colours.length] ?? '';
    const line = points.map(([x, y], place) => `${place === 0 ? 'M' : 'L'}${round(toX(x))} ${round(toY(y))}`).join('');
    parts.push(`<path d="${line}" stroke="${colour}" stroke-width="${isOurs === true ? 3.5 : 2}"/>`);
    for (const [x, y] of points) {
      parts.push(`<circle cx="${round(toX(x))}" cy="${round(toY(y))}" r="3.5" fill="${colour}"/>`);
    }
    const [endX = 0] = points.at(-1) ?? [];
    const labelY = labels[index] ?? 0;
    parts.push(
      `<path d="M${round(toX(endX) + 6)} ${round(ends[index] ?? 0)}L${area.right + 10} ${round(labelY)}" stroke="${colour}" stroke-opacity=".5"/>`,
      text(area.right + 14, labelY + 4, name, isOurs === true ? 'font-weight="600"' : ''),
    );
  }
  parts.push('</svg>');
  return `${parts.join('\n')}\n`;
}
