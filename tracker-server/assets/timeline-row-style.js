// The looks of rows, blocks and folds, beside those of `timeline-style.js`.

/** The style sheet, made once and shared by all timelines of a page. */
export const rowStyle = new CSSStyleSheet();

rowStyle.replaceSync(`
/*
 * Neither rows nor whole days are laid out while they are out of sight, so that thousands of them
 * cost nothing.
 */
section { --row-height: 68px; content-visibility: auto; contain-intrinsic-size: auto calc(40px + var(--rows) * var(--row-height)); }
.day { position: sticky; z-index: 1; top: var(--sticky-top); padding: 10px 12px 6px; background: var(--background); border-bottom: 1px solid var(--border); font-size: 12px; line-height: 16px; font-weight: 600; color: var(--muted); }
section + section .day { margin-top: 12px; }
.row {
  position: relative; border-bottom: 1px solid color-mix(in srgb, var(--border) 60%, transparent);
  scroll-margin: calc(var(--sticky-top) + 48px) 0 32px;
  /* The size excludes the border, which is added to it. */
  content-visibility: auto; contain-intrinsic-size: auto calc(var(--row-height) - 1px);
}
.head {
  position: relative; display: grid; align-items: start; gap: 0 12px; padding: 9px 12px;
  grid-template-columns: 24px 148px minmax(0, 1fr) minmax(0, clamp(104px, 16cqw, 176px)) 84px 20px;
}
.row > .head:hover { background: var(--surface); }
.head:hover .chip:not([data-tone]), .row:focus-visible > .head .chip:not([data-tone]) { background: color-mix(in srgb, var(--text) 7%, transparent); }
.row:focus-visible { outline-offset: -2px; border-radius: var(--radius); }
.row:focus-visible > .head { background: var(--surface); }
.row > .head > .icon { display: grid; place-items: center; width: 24px; height: 20px; color: var(--muted); }
.row[data-tone="danger"] > .head > .icon { color: var(--danger); }
.row[data-tone="warning"] > .head > .icon { color: var(--warning); }
.block > .head, .fold > .head { cursor: pointer; }

/* Who, what and when */
.what { display: grid; justify-items: start; min-width: 0; }
.label { justify-self: start; font-weight: 500; }
.others { color: var(--muted); }
.who { display: flex; flex-wrap: wrap; align-items: center; column-gap: 6px; min-width: 0; }
.user { min-width: 0; max-width: 100%; color: var(--muted); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
/* The height suits a finger or a shaking hand, in the same place. */
button.label, button.user { padding-block: 2px; margin-block: -2px; }
button.label:hover, button.user:hover { text-decoration: underline; text-underline-offset: 3px; }
button.user:hover { color: var(--text); }
.picture { width: 16px; height: 16px; margin-inline-end: 6px; border-radius: 4px; object-fit: cover; vertical-align: -3px; }
.open-link { flex: none; display: inline-grid; place-items: center; width: 24px; height: 24px; margin-block: -2px; border-radius: 4px; color: var(--muted); opacity: 0; }
.head:hover .open-link, .head:focus-within .open-link, .facts .open-link { opacity: 1; }
.who:has(> .open-link) { flex-wrap: nowrap; }
.open-link:hover, .open-link:focus-visible { color: var(--accent); background: var(--surface); }
.open-link svg { width: 13px; height: 13px; }
.label, .details, .times { display: block; min-width: 0; }
.label { max-height: 60px; overflow: hidden; }
.details { white-space: pre-line; max-width: 88ch; }
.details > span { unicode-bidi: isolate; }
.content { display: grid; grid-template-columns: minmax(0, 1fr); gap: 4px; min-width: 0; }
.chips { gap: 5px; }
.when { justify-self: end; padding-block: 2px; margin-block: -2px; color: inherit; text-decoration: none; }
.when:hover { text-decoration: underline; text-underline-offset: 3px; }
.time, .gap { justify-self: end; color: var(--muted); font-variant-numeric: tabular-nums; white-space: nowrap; }
.row:focus-visible > .head .time[data-exact]::after {
  content: attr(data-exact); position: absolute; z-index: 1; top: 6px; inset-inline-end: 40px; padding: 2px 6px;
  background: var(--text); color: var(--background); border-radius: 4px; font-size: 12px;
}

/* Opening and copying */
.toggle, .copy { display: grid; place-items: center; width: 24px; height: 24px; margin: -2px; border-radius: 4px; color: var(--muted); }
.toggle:hover, .copy:hover { color: var(--text); background: color-mix(in srgb, var(--text) 8%, transparent); }
.toggle svg { transition: rotate 0.15s; }
.toggle[aria-expanded="true"] svg { rotate: 180deg; }
.row:not(.block, .fold) > .head > .toggle, .copied > .copy { opacity: 0; }
.row > .head:hover > .toggle, .row:focus-within > .head > .toggle, .row[data-open] > .head > .toggle { opacity: 1 !important; }
.head:hover .copied > .copy, .row:focus-within > .head .copied > .copy { opacity: 1; }
.copied { display: inline-flex; align-items: center; max-width: 100%; min-width: 0; }
.copied > .copy { flex: none; margin-block: 0; margin-inline: 1px; }
.copy svg { grid-area: 1 / 1; width: 14px; height: 14px; }
.copy svg[data-icon="check"], .copy[data-copied] svg[data-icon="copy"] { visibility: hidden; }
.copy[data-copied] svg[data-icon="check"] { visibility: visible; color: var(--success); }
.facts { margin: 0 12px; padding-block: 2px 12px; padding-inline: 196px 0; }
.facts > div { display: grid; grid-template-columns: minmax(88px, 136px) minmax(0, 1fr); gap: 0 12px; padding-block: 1px; }
.facts dt { color: var(--muted); }
.facts dd { display: flex; align-items: start; gap: 6px; margin: 0; min-width: 0; }
.facts dd > span { min-width: 0; font-family: var(--mono); font-size: 12px; unicode-bidi: isolate; }
.facts > div:first-child dd > span { font: inherit; }
.facts .copy { flex: none; }

/* Blocks and their steps: a rail leads from step to step. */
.block > .head > .icon { color: var(--success); }
.chip.outcome { font-weight: 500; }
.chip.outcome:not([data-tone]) { background: none !important; padding-inline: 0 4px; }
.chip.outcome svg { width: 14px; height: 14px; color: var(--success); }
.chip.outcome[data-tone] svg { color: inherit; }
.outcome > span, .times > span, .gap, .others { unicode-bidi: plaintext; }
.span { color: var(--muted); font-size: 12px; font-variant-numeric: tabular-nums; unicode-bidi: plaintext; }
.steps { padding-bottom: 6px; }
.row[data-open]:has(> .steps) > .head::before, .steps > .row::before, .steps > .order::before { content: ""; position: absolute; inset-inline-start: 23px; width: 2px; background: var(--border); }
.row[data-open] > .head::before { inset-block: 32px 0; }
.steps > .row::before, .steps > .order::before { inset-block: 0; }
.steps > .row:last-child::before { inset-block: 0 auto; height: 8px; }
.steps .row { border-bottom: 0; --row-height: 34px; }
.steps .head { padding-block: 5px; }
.steps .row > .head > .icon { position: relative; background: var(--background); border-radius: 50%; }
.steps .row > .head:hover > .icon, .steps .row:focus-visible > .head > .icon { background: var(--surface); }
.steps .label { font-weight: 400; }
/* What a fold holds has one label: a dot stands for each. */
.fold > .steps > .row > .head > .label { color: var(--muted); }
.fold > .steps > .row > .head > .icon { height: 12px; margin-block: 4px; }
.fold > .steps > .row > .head > .icon svg { display: none; }
.fold > .steps > .row > .head > .icon::after { content: ""; width: 6px; height: 6px; border-radius: 50%; background: currentColor; }
/* The rows' label stands in the line of the first day, and takes no room of its own. */
.order { color: var(--muted); font-size: 12px; line-height: 16px; }
.missed { margin: 8px 12px 0; padding: 8px 12px; border: 1px solid var(--border); border-radius: var(--radius); }
.order:has(+ .rows) { position: relative; z-index: 2; margin-bottom: -26px; padding: 10px 12px 0; text-align: end; pointer-events: none; }
.steps > .order { position: relative; padding-inline-start: 48px; }
.steps > .more { margin-inline-start: 42px; }
.times { display: flex; align-items: center; gap: 6px; font-variant-numeric: tabular-nums; }
.times > span { flex: none; }
.times > .latest { flex: 0 1 auto; min-width: 0; overflow: hidden; color: var(--muted); text-overflow: ellipsis; white-space: nowrap; }
.times svg { width: 14px; height: 14px; color: var(--muted); }

.row[data-last-visit]::before {
  content: attr(data-last-visit); display: block; padding: 2px 12px; font-size: 12px; font-weight: 500;
  background: color-mix(in srgb, var(--accent) 8%, var(--background)); color: var(--accent);
}
.row[data-fresh] > .head { animation: fresh 2s ease-out; }
@keyframes fresh { from { background: color-mix(in srgb, var(--accent) 16%, var(--background)); } }

@container (max-width: 720px) {
  section { --row-height: 150px; }
  .head { grid-template-columns: 24px minmax(0, 1fr) auto auto 20px; gap: 2px 8px; }
  .head > .icon { grid-area: 1 / 1; }
  .head > .label, .head > .what { grid-area: 1 / 2; }
  .head > .gap { grid-area: 1 / 3; }
  .head > .time, .head > .when { grid-area: 1 / 4; }
  .head > .toggle { grid-area: 1 / 5; }
  .head > .content { grid-area: 2 / 2 / auto / span 4; }
  .head > .who { grid-area: 3 / 2 / auto / span 4; margin-top: 2px; }
  .head > .who:not(:has(button)) { display: none; }
  .times { flex-wrap: wrap; }
  .times > .latest { max-width: 100%; }
  .what { display: flex; flex-wrap: wrap; column-gap: 5px; }
  .facts { padding-inline: 32px 0; }
  .facts > div { grid-template-columns: minmax(0, 1fr); }
}

@media (pointer: coarse) {
  .open-link, .row > .head > .toggle, .copied > .copy { opacity: 1 !important; }
}
@media (prefers-reduced-motion: reduce) {
  .toggle svg { transition: none; }
  .row[data-fresh] > .head { background: color-mix(in srgb, var(--accent) 10%, var(--background)); }
}
@media (forced-colors: active) {
  .chip.status::before { background: CanvasText; }
  .fold > .steps > .row > .head > .icon::after { background: CanvasText; }
  .head::before, .steps > .row::before, .steps > .order::before { background: CanvasText !important; }
  .row[data-tone="danger"] > .head > .icon { color: CanvasText; }
}
`);
