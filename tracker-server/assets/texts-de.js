// The texts in German; `timeline-texts.js` tells how a text is written.

export const texts = {
  // The pages
  "page.title": "{project} · Aktivität",
  "page.projects": "Projekte",
  "page.way": "Weg zu dieser Seite",

  // The list of projects
  "projects.title": "Projekte · Aktivität",
  "projects.search": "Projekte suchen",
  "projects.recent": "Zuletzt besucht",
  "projects.all": "Alle Projekte",
  "projects.activities": { one: "{count} in 30 Tagen", other: "{count} in 30 Tagen" },
  "projects.activities-at-least": { one: "{count}+ in 30 Tagen", other: "{count}+ in 30 Tagen" },
  "projects.failures": { one: "{count} Fehler", other: "{count} Fehler" },
  "projects.failures-at-least": { one: "{count}+ Fehler", other: "{count}+ Fehler" },
  "projects.found": { one: "{count} Projekt gefunden", other: "{count} Projekte gefunden" },
  "projects.more": "Weitere Projekte anzeigen",
  "projects.empty": "Noch keine Projekte",
  "projects.empty-hint": "Ein Projekt erscheint hier mit seiner ersten Aktivität, sofern es sichtbar sein darf.",
  "projects.no-match": "Keine passenden Projekte",
  "projects.no-match-hint": "Kein sichtbares Projekt hat das in seiner ID.",
  "projects.error": "Die Projekte können nicht angezeigt werden",

  // Action types that are built in
  "action.project_created": "Projekt erstellt",
  "action.database_created": "Datenbank erstellt",
  "action.endpoints_added": "Endpunkte hinzugefügt",
  "action.queries_executed": "Abfragen ausgeführt",
  "action.deployment": "Deployment",
  "action.github_push": "GitHub-Push",

  // Statuses
  "status.success": "erfolgreich",
  "status.failure": "fehlgeschlagen",
  "status.panicked": "abgestürzt",
  "status.cancelled": "abgebrochen",

  // One activity
  "row.activity": "Aktivität",
  "row.by": "{label} von {user}",
  "row.only": "Nur {value}",
  "row.only-named": "Nur {name} {value}",
  "row.show-all": "Alles anzeigen",
  "row.show-less": "Weniger anzeigen",
  "row.more": { one: "{count} weitere", other: "{count} weitere" },
  "row.request": "Anfrage",
  "row.references": "Referenzen",

  // Counts and times
  "count.activities": { one: "{count} Aktivität", other: "{count} Aktivitäten" },
  "count.new": { one: "{count} neue Aktivität", other: "{count} neue Aktivitäten" },
  "count.new-at-least": { one: "Mehr als {count} neue Aktivitäten", other: "Mehr als {count} neue Aktivitäten" },
  "time.today": "Heute",
  "time.yesterday": "Gestern",
  "time.no-date": "Ohne Datum",
  "time.just-now": "gerade eben",
  "time.minutes-ago": { one: "vor {count} Min.", other: "vor {count} Min." },
  "time.hours-ago": { one: "vor {count} Std.", other: "vor {count} Std." },

  // The bars
  "histogram.label": "Aktivitäten pro Tag. Pfeiltasten bewegen, Umschalt mit Pfeiltasten wählt einen Zeitraum, Escape hebt die Auswahl auf.",
  "histogram.other": "Sonstige",
  "histogram.more": { one: "{count} weitere", other: "{count} weitere" },

  // Filters
  "filter.label": "Aktivitäten filtern",
  "filter.active": "Aktive Filter",
  "filter.search": "Details durchsuchen",
  "filter.actions": "Aktionen",
  "filter.actions-chosen": { one: "Aktionen · {count}", other: "Aktionen · {count}" },
  "filter.action-types": "Aktionstypen",
  "filter.any-status": "Jeder Status",
  "filter.dates": "Zeitraum",
  "filter.date-from": "Von",
  "filter.date-to": "Bis",
  "filter.today": "Heute",
  "filter.last-7-days": "Letzte 7 Tage",
  "filter.last-30-days": "Letzte 30 Tage",
  "filter.clear-all": "Alle entfernen",
  "filter.remove": "{name} {value}, Filter entfernen",
  "filter.q": "Text",
  "filter.action_type": "Aktion",
  "filter.user_id": "Person",
  "filter.request_id": "Anfrage",
  "filter.status": "Status",
  "filter.environment": "Umgebung",
  "filter.reference": "Referenz",
  "filter.created_after": "Ab",
  "filter.created_before": "Vor",

  // States
  "live.connecting": "",
  "live.live": "Live",
  "live.reconnecting": "Verbindung wird wiederhergestellt …",
  "live.paused": "Pausiert",
  "live.off": "Nicht live",
  "state.empty": "Noch keine Aktivitäten",
  "state.empty-hint": "Sie erscheinen hier, sobald sie aufgezeichnet werden.",
  "state.no-match": "Keine passenden Aktivitäten",
  "state.no-match-hint": "Nichts in diesem Projekt entspricht allen Filtern.",
  "state.clear-filters": "Filter entfernen",
  "state.error": "Die Aktivitäten können nicht angezeigt werden",
  "state.retry": "Erneut versuchen",
  "state.unauthorized": "Zugriffstoken erforderlich",
  "state.token-wanted": "Der Server verlangt ein Token, um diese Aktivitäten anzuzeigen.",
  "state.token-refused": "Der Server akzeptiert dieses Token nicht oder nicht mehr.",
  "state.token": "Zugriffstoken",
  "state.continue": "Weiter",
  "state.end": "Das ist alles.",
  "state.offline": "Offline: Angezeigt wird, was geladen wurde",

  // Failures
  "failure.unreachable": "Der Server ist nicht erreichbar.",
  "failure.unreadable": "Die Antwort des Servers kann nicht gelesen werden.",
  "failure.status": "Der Server hat mit Status {status} geantwortet.",
};
