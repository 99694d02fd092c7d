// The looks. A constructed style sheet: the page's policy allows no inline styles.

/** The style sheet, made once and shared by all timelines of a page. */
export const style = new CSSStyleSheet();

style.replaceSync(`
:host {
  color-scheme: light dark;
  display: block;

  --background: var(--timeline-background, light-dark(#ffffff, #0f1013));
  --surface: var(--timeline-surface, light-dark(#f6f6f8, #1a1b20));
  --border: var(--timeline-border, light-dark(#e5e5ea, #2a2c33));
  --text: var(--timeline-text, light-dark(#1a1a1f, #ededf1));
  --muted: var(--timeline-muted, light-dark(#62626e, #9c9da9));
  --accent: var(--timeline-accent, light-dark(#2f55d4, #8aa4ff));
  --danger: var(--timeline-danger, light-dark(#b3261e, #ff9a91));
  --success: light-dark(#1f7a45, #4cc38a);
  --warning: var(--timeline-warning, light-dark(#8a4b00, #efb974));
  --bar: light-dark(#b9bdcb, #4a4e5c);
  --radius: var(--timeline-radius, 6px);
  --sticky-top: var(--timeline-sticky-top, 0px);
  --mono: var(--timeline-font-mono, ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace);

  background: var(--background);
  color: var(--text);
  font: 13px/20px var(--timeline-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif);
  overflow-wrap: anywhere;
  text-align: start;
}
:host([hidden]) { display: none; }
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }

*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, p, fieldset, legend { margin: 0; padding: 0; border: 0; font: inherit; }
button, input, select { font: inherit; color: inherit; margin: 0; }
button { background: none; border: 0; padding: 0; text-align: start; cursor: pointer; }
a { color: var(--accent); text-underline-offset: 2px; }
svg { width: 16px; height: 16px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.3; stroke-linecap: round; stroke-linejoin: round; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; border-radius: 4px; }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.timeline { container-type: inline-size; position: relative; padding-bottom: 24px; }

/* A text that begins with a number keeps its order on a page of the other direction. */
.total, .failures, .undated, .reading, .axis span, .time, .gap, .more, .marker span { unicode-bidi: plaintext; }

/* Histogram */
.histogram { padding: 0 12px; }
.caption { display: flex; gap: 12px; min-height: 20px; padding: 0 12px; color: var(--muted); font-variant-numeric: tabular-nums; }
.live { display: flex; align-items: center; gap: 6px; white-space: nowrap; }
.live:not(:empty)::before { content: ""; width: 6px; height: 6px; border-radius: 50%; background: var(--muted); }
[data-live="live"] .live::before { background: light-dark(#1f8a4c, #4cc38a); }
.total:empty, [data-state="unauthorized"] .live { display: none; }
.total { color: var(--text); font-weight: 500; white-space: nowrap; }
.failures, .undated, .zone { white-space: nowrap; }
.failures { color: var(--danger); }
.failures:empty, .undated:empty, .reading:empty { display: none; }
button.zone { border-radius: 4px; text-decoration: underline dotted; text-underline-offset: 3px; }
button.zone:hover { color: var(--text); }
.reading { min-width: 0; margin-inline-start: auto; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bars { display: flex; height: 64px; margin-top: 8px; border-bottom: 1px solid var(--border); cursor: crosshair; touch-action: pan-y; user-select: none; }
.bars > button { flex: 1 1 0; min-width: 0; display: flex; align-items: end; padding: 0 1px; cursor: inherit; }
.bars > button:focus-visible { outline-offset: -1px; }
/* What is far from the others stands apart. */
.bars > [data-edge] { border: 1px dashed var(--border); border-block-end: 0; }
.bars > [data-edge="before"] { margin-inline-end: 8px; }
.bars > [data-edge="after"] { margin-inline-start: 8px; }
.fill { flex: 1; display: flex; align-items: end; max-width: 24px; margin: 0 auto; background: var(--bar); border-radius: 2px 2px 0 0; overflow: hidden; }
/* Stripes tell failures to whoever does not see the colour. */
.failed { flex: 1; background: repeating-linear-gradient(135deg, var(--danger) 0 3px, color-mix(in srgb, var(--danger) 45%, var(--background)) 3px 5px); }
.hours .bars { height: 40px; margin-top: 12px; }
.bars > :hover, .bars > [aria-pressed="true"] { background: color-mix(in srgb, var(--accent) 12%, transparent); }
.bars > :hover .fill, .bars > [aria-pressed="true"] .fill { background: var(--accent); }
.axis { display: flex; justify-content: space-between; min-height: 16px; margin-top: 4px; color: var(--muted); font-size: 11px; line-height: 16px; }

/* Filters */
.filter-bar { padding: 16px 12px 12px; }
.controls, .active, .chips { display: flex; flex-wrap: wrap; align-items: center; }
.controls { position: relative; gap: 8px; }
.active { gap: 6px; margin-top: 10px; }
.field { position: relative; display: flex; align-items: center; }
.field input, .field select, summary.field { height: 32px; padding: 0 10px; background: var(--background); border: 1px solid var(--border); border-radius: var(--radius); }
.field input:hover, .field select:hover, summary.field:hover { border-color: var(--muted); }
.field input::placeholder, .combobox input::placeholder { color: var(--muted); opacity: 1; }
.field input:focus-visible, .field select:focus-visible, summary:focus-visible { outline-offset: -1px; border-radius: var(--radius); }
.field [data-active], [data-active] > summary.field { border-color: var(--accent); }
.search { flex: 1 1 220px; }
.search input { width: 100%; padding: 0 32px; appearance: none; }
.search input:placeholder-shown { direction: inherit; }
.search input::-webkit-search-cancel-button { display: none; }
.search > svg { position: absolute; inset-inline-start: 10px; color: var(--muted); pointer-events: none; }
kbd { position: absolute; inset-inline-end: 8px; min-width: 18px; padding: 0 4px; border: 1px solid var(--border); border-radius: 4px; color: var(--muted); font: 11px/16px var(--mono); text-align: center; pointer-events: none; }
.search input:focus ~ kbd { visibility: hidden; }
@media (pointer: coarse) { kbd { display: none; } }
.field input[type="text"] { width: 136px; }
select { appearance: none; max-width: 160px; text-overflow: ellipsis; cursor: pointer; }
.field select { padding-inline-end: 28px; }
select + svg { position: absolute; inset-inline-end: 8px; pointer-events: none; }
select + svg, summary svg { color: var(--muted); }
option { background: var(--background); color: var(--text); }
.menu { position: relative; }
summary.field { gap: 6px; padding-inline-end: 8px; list-style: none; cursor: pointer; user-select: none; }
summary::-webkit-details-marker { display: none; }
.panel { position: absolute; z-index: 4; top: 36px; inset-inline-end: 0; width: 264px; max-height: 360px; overflow: auto; padding: 8px; background: var(--background); border: 1px solid var(--border); border-radius: 8px; box-shadow: 0 8px 24px rgb(0 0 0 / 14%); }
legend { padding: 2px 8px 6px; color: var(--muted); font-size: 12px; }
.panel fieldset label { display: flex; align-items: center; gap: 8px; min-height: 30px; padding: 3px 8px; border-radius: 4px; cursor: pointer; }
.panel fieldset label:hover { background: var(--surface); }
.panel input[type="checkbox"] { width: 14px; height: 14px; margin: 0; accent-color: var(--accent); }
.panel label svg, .count { color: var(--muted); }
.text { flex: 1; min-width: 0; }
.count { font-size: 12px; font-variant-numeric: tabular-nums; }
.dates, .suggestions { display: grid; gap: 8px; padding: 4px; }
.dates label, .combobox label { display: grid; grid-template-columns: 48px 1fr; align-items: center; color: var(--muted); }
.dates-menu .panel { width: 300px; }
.dates input, .combobox input { min-width: 0; height: 32px; padding: 0 8px; background: var(--background); border: 1px solid var(--border); border-radius: var(--radius); color: var(--text); }
.spans { display: flex; flex-wrap: wrap; gap: 2px; }

.records-menu .panel { width: 320px; }
.combobox label { grid-template-columns: 76px 1fr; }
.combobox input[aria-invalid="true"] { border-color: var(--danger); }
[role="listbox"] { max-height: 200px; margin: 4px 0 0; padding: 0; overflow: auto; list-style: none; }
[role="option"] { display: flex; align-items: center; gap: 8px; min-height: 28px; padding: 3px 8px; border-radius: 4px; cursor: pointer; }
[role="option"]:hover, [role="option"][aria-selected="true"] { background: var(--surface); }
[role="option"][aria-selected="true"] { outline: 1px solid var(--accent); outline-offset: -1px; }
[role="option"] .text { overflow-wrap: anywhere; }
[role="option"] .name { color: var(--muted); }
/* A link would leave the list, and the row has it. */
[role="option"] .open-link { display: none; }

.plain, .more { min-height: 24px; padding: 0 6px; border-radius: 4px; color: var(--accent); }
.plain:hover, .more:hover { background: var(--surface); text-decoration: underline; text-underline-offset: 2px; }
.solid { height: 32px; padding: 0 14px; border-radius: var(--radius); background: var(--text); color: var(--background); font-weight: 500; }
a.solid { display: inline-flex; align-items: center; text-decoration: none; }
.solid:hover { background: color-mix(in srgb, var(--text) 85%, var(--background)); }
.solid:focus-visible { outline-offset: 2px; border-radius: var(--radius); }
.address { display: flex; gap: 6px; }
.address input { flex: 1; min-width: 0; height: 32px; padding: 0 10px; background: var(--background); border: 1px solid var(--border); border-radius: var(--radius); color: var(--text); }

/* Chips */
.chip { display: inline-flex; align-items: center; gap: 5px; max-width: min(100%, 320px); min-height: 24px; padding: 0 7px; background: var(--surface); border: 1px solid transparent; border-radius: 5px; font-size: 12px; line-height: 20px; }
.chip > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chip > span:not(.long) { flex: none; }
.chip > .long { min-width: 10ch; }
.chip .name { color: var(--muted); }
.chip.request_id .value, .chip.reference .value:not([data-label]) { font-family: var(--mono); font-size: 11px; }
button.chip:hover { border-color: var(--muted); }
.chip.removable { min-height: 26px; padding-inline-end: 4px; background: none; border-color: var(--border); }
.chip.removable svg { width: 14px; height: 14px; color: var(--muted); }
.chip.removable:hover svg { color: var(--text); }
.chip.status { font-weight: 500; }
.chip.status::before { content: ""; flex: none; width: 6px; height: 6px; border-radius: 3px; background: currentColor; }
.chip[data-tone="danger"] { color: var(--danger); background: color-mix(in srgb, var(--danger) 9%, var(--background)); }
.chip[data-tone="warning"] { color: var(--warning); background: color-mix(in srgb, var(--warning) 10%, var(--background)); }

/* States */
.marker { position: sticky; z-index: 3; top: calc(var(--sticky-top) + 8px); display: flex; justify-content: center; height: 0; }
.marker button, .offline { display: flex; align-items: center; gap: 6px; height: 30px; padding: 0 14px 0 10px; background: var(--background); border: 1px solid var(--border); border-radius: 15px; box-shadow: 0 2px 10px rgb(0 0 0 / 12%); }
.marker button { color: var(--accent); font-weight: 500; }
.marker button:hover { border-color: var(--accent); }
.marker button:focus-visible { border-radius: 15px; }
.offline { position: sticky; z-index: 3; bottom: 16px; width: fit-content; max-width: calc(100% - 24px); margin: 12px auto 0; padding: 0 14px; height: auto; min-height: 30px; }
.offline::before { content: ""; flex: none; width: 7px; height: 7px; border-radius: 50%; background: var(--warning); }
.state { display: grid; justify-items: center; gap: 6px; padding: 64px 16px; text-align: center; }
.state p { max-width: 52ch; margin: 0 auto 4px; color: var(--muted); }
/* A server's message need not begin like a sentence. */
.state p::first-letter, .end > span::first-letter { text-transform: uppercase; }
.state .title { color: var(--text); font-weight: 600; }
.state .solid { margin-top: 10px; }
.state > svg { width: 24px; height: 24px; margin-bottom: 6px; color: var(--muted); stroke-width: 1; }
.token { display: flex; flex-wrap: wrap; justify-content: center; align-items: end; gap: 8px; margin-top: 12px; text-align: start; }
.token label { display: grid; gap: 4px; color: var(--muted); }
.token input { width: min(280px, 70cqw); height: 32px; padding: 0 10px; background: var(--background); border: 1px solid var(--border); border-radius: var(--radius); color: var(--text); }
.token .solid { margin: 0; }
.end { display: flex; flex-wrap: wrap; justify-content: center; align-items: center; gap: 8px; min-height: 64px; padding: 16px 12px; color: var(--muted); text-align: center; }
.skeleton i { display: block; height: 10px; margin: 5px 0; border-radius: 5px; background: var(--border); animation: breathe 1.6s ease-in-out infinite alternate; }
.skeleton i:nth-child(1) { width: 16px; margin-inline-start: 4px; }
.skeleton i:nth-child(2) { width: 104px; }
.skeleton i:nth-child(3) { width: 68%; }
.skeleton .row:nth-child(even) i:nth-child(3) { width: 46%; }
.skeleton i:nth-child(4) { width: 72px; }
.skeleton i:nth-child(5) { width: 56px; justify-self: end; }
@keyframes breathe { to { opacity: 0.5; } }

/* Narrow */
@container (max-width: 720px) {
  .search { flex-basis: 100%; }
  .menu { position: static; }
  .panel { inset-inline: 0; width: auto; max-width: 360px; top: auto; margin-top: 4px; }
  .skeleton i:nth-child(3) { grid-area: 2 / 2; }
  .skeleton i:nth-child(4) { display: none; }
  .caption { flex-wrap: wrap; gap: 0 12px; }
  .reading { flex-basis: 100%; margin-inline-start: 0; min-height: 20px; white-space: normal; }
}

@media (pointer: coarse) {
  .chip { min-height: 28px; }
  .plain, .more { min-height: 32px; }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; }
}
@media (forced-colors: active) {
  .fill { background: CanvasText; }
  .bars > [aria-pressed="true"] .fill { background: Highlight; }
  .failed { border-block-start: 2px solid Canvas; forced-color-adjust: none; }
}
`);
