// The looks of the page of one activity, on top of those of the timeline and its rows.

export const style = new CSSStyleSheet();

style.replaceSync(`
.details-page { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; padding: 0 12px 24px; }
.details-page > .details { font-size: 15px; line-height: 22px; }
.card { content-visibility: visible; contain-intrinsic-size: none; border: 1px solid var(--border); border-radius: 8px; }
.neighbours { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 8px; min-height: 32px; }
.tool { display: inline-flex; align-items: center; gap: 6px; min-height: 32px; max-width: 100%; padding: 0 10px; border: 1px solid var(--border); border-radius: var(--radius); color: var(--text); text-decoration: none; }
a.tool:hover { border-color: var(--muted); }
.neighbours > .place { margin-inline: auto; }
.tool.older { flex-direction: row-reverse; }
.tool svg { color: var(--muted); }
:dir(rtl) > .tool svg { scale: -1 1; }
.tool[aria-disabled] { border-color: transparent; color: var(--muted); }
.muted { color: var(--muted); }
.fields { display: grid; margin: 0; padding: 6px 14px; }
.fields > div { display: grid; grid-template-columns: minmax(96px, 168px) minmax(0, 1fr); gap: 0 16px; padding: 4px 0; }
.fields > div + div { border-top: 1px solid color-mix(in srgb, var(--border) 60%, transparent); }
.fields dt { padding-block: 2px; color: var(--muted); }
.fields dd { display: flex; align-items: center; gap: 4px; margin: 0; min-width: 0; min-height: 24px; }
.fields dd > :first-child { min-width: 0; margin-inline-end: 4px; }
.value { unicode-bidi: isolate; }
.code { color: var(--muted); font: 12px var(--mono); }
.fields .copy { flex: none; margin: 0; }
.all { flex: none; display: grid; place-items: center; width: 24px; height: 24px; border-radius: 4px; color: var(--muted); }
.all:hover { color: var(--text); background: color-mix(in srgb, var(--text) 8%, transparent); }
.all svg { width: 14px; height: 14px; }
.chip.status[data-status="success"] { color: var(--success); background: none; padding-inline-start: 0; }
.line { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 16px; padding: 10px 14px 6px; }
.line h2 { font-weight: 600; }
.card .steps { min-height: 34px; padding: 0 2px 6px; }
.card.request .steps > .row::before { inset-inline-start: 23px; }
.card.reference .steps > .row::before { display: none; }
.row[aria-current] > .head { background: color-mix(in srgb, var(--accent) 10%, var(--background)); border-radius: var(--radius); }
.row[aria-current] .label { font-weight: 600; }
.missing { padding: 6px 12px; color: var(--muted); }
.raw-json > summary { display: flex; align-items: center; gap: 6px; padding: 10px 14px; cursor: pointer; list-style: none; font-weight: 600; }
.raw-json > summary svg { color: var(--muted); transition: rotate 0.15s; }
.raw-json[open] > summary svg { rotate: 180deg; }
.raw { position: relative; }
.raw > .copy { position: absolute; inset-block-start: 6px; inset-inline-end: 12px; margin: 0; background: var(--surface); }
.raw pre { margin: 0; padding: 10px 14px; max-height: 480px; overflow: auto; border-top: 1px solid var(--border); background: var(--surface); border-radius: 0 0 7px 7px; font: 12px/18px var(--mono); white-space: pre-wrap; text-align: left; }
.raw pre:focus-visible { outline-offset: -2px; }

@container (max-width: 720px) {
  .fields > div { grid-template-columns: minmax(0, 1fr); }
  .neighbours { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .neighbours > .tool { justify-content: center; }
  .neighbours > .tool > bdi { display: none; }
  .neighbours > .place { grid-column: 1 / -1; grid-row: 2; margin: 0; }
}
@media (forced-colors: active) {
  .row[aria-current] > .head { outline: 2px solid Highlight; outline-offset: -2px; }
}
`);
