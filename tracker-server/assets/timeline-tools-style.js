// The looks of the tools, on top of those of the timeline.

export const style = new CSSStyleSheet();

style.replaceSync(`
:host { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; background: none; }
.panel { width: max-content; min-width: 232px; max-width: min(320px, 92vw); }
.panel p { margin: 0; padding: 4px 8px; color: var(--muted); }
.panel ul { list-style: none; margin: 0; padding: 0; }
.panel li { display: flex; align-items: center; border-radius: 4px; }
.panel li:hover { background: var(--surface); }
.panel li a { flex: 1; min-width: 0; padding: 5px 8px; color: var(--text); text-decoration: none; }
.panel li a[aria-current] { font-weight: 600; }
.remove { display: grid; place-items: center; width: 28px; height: 28px; border-radius: 4px; color: var(--muted); }
.remove:hover { color: var(--text); }
.save { display: flex; gap: 6px; margin-top: 4px; padding: 8px; border-top: 1px solid var(--border); }
.save:first-child { margin-top: 0; border-top: 0; }
.save input { flex: 1; min-width: 0; height: 32px; padding: 0 10px; background: var(--background); border: 1px solid var(--border); border-radius: var(--radius); }
.address { padding: 4px 8px; }
.panel .said { min-height: 28px; color: var(--text); font-weight: 500; }
.choice { display: grid; width: 100%; padding: 6px 8px; border-radius: 4px; }
.choice:hover { background: var(--surface); }
.choice span { color: var(--muted); font-size: 12px; }
.progress { display: flex; align-items: center; justify-content: space-between; gap: 8px; min-height: 32px; padding: 0 0 0 8px; }
@media (max-width: 480px) {
  .menu { position: static; }
  .panel { inset-inline: 12px; top: auto; width: auto; max-width: none; margin-top: 4px; }
}
`);
