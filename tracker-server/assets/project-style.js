// The looks of the list of projects, on top of those of the timeline.

export const style = new CSSStyleSheet();

style.replaceSync(`
ul { list-style: none; margin: 0; padding: 0; }
section { content-visibility: visible; contain-intrinsic-size: none; }
.filter-bar { padding-top: 0; }
.day { position: static; border-bottom: 0; }
section + section .day { margin-top: 20px; }
ul { margin: 0 12px; border: 1px solid var(--border); border-radius: 8px; overflow: clip; }
.entry { position: relative; display: grid; grid-template-columns: 28px minmax(0, 1fr) auto auto minmax(104px, auto); align-items: center; gap: 2px 12px; min-height: 52px; padding: 8px 14px; border-bottom: 1px solid var(--border); content-visibility: auto; contain-intrinsic-size: auto 52px; }
.entry:hover { background: var(--surface); }
.entry:last-child { border-bottom: 0; }
.names { min-width: 0; }
.project { color: var(--text); font-weight: 600; text-decoration: none; }
/* The whole row leads to the project. */
.project::after { content: ""; position: absolute; inset: 0; }
.entry:hover .project { text-decoration: underline; text-underline-offset: 3px; }
.project:focus-visible { outline: none; }
.project:focus-visible::after { outline: 2px solid var(--accent); outline-offset: -2px; border-radius: 7px; }
.entry:first-child .project:focus-visible::after, .entry:last-child .project:focus-visible::after { border-radius: 8px; }
.id { display: block; color: var(--muted); font: 11px/16px var(--mono); }
.avatar { display: grid; place-items: center; width: 28px; height: 28px; border-radius: var(--radius); background: var(--surface); color: var(--muted); font-size: 12px; font-weight: 600; object-fit: cover; }
.entry:hover span.avatar { background: color-mix(in srgb, var(--text) 7%, transparent); }
.activities { color: var(--muted); font-variant-numeric: tabular-nums; text-align: end; min-width: 104px; unicode-bidi: plaintext; }
.chip.status { unicode-bidi: plaintext; }
.time { position: relative; }
.skeleton { margin: 0 12px; }

@container (max-width: 720px) {
  .entry { grid-template-columns: 28px minmax(0, 1fr) auto; }
  .entry > .avatar { grid-area: 1 / 1 / span 2; align-self: start; margin-top: 2px; }
  .entry > .names { grid-area: 1 / 2; }
  .entry > .time { grid-area: 1 / 3; }
  .entry > .activities { grid-area: 2 / 2; justify-self: start; min-width: 0; }
  .entry > .outcome { grid-area: 2 / 3; justify-self: end; }
}
@media (forced-colors: active) {
  .avatar { border: 1px solid; }
}
`);
