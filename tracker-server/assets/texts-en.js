// The texts in English; `timeline-texts.js` tells how a text is written.

export const texts = {
  // The pages
  "page.title": "{project} · Activity",
  "page.projects": "Projects",
  "page.way": "Way to this page",

  // The list of projects
  "projects.title": "Projects · Activity",
  "projects.search": "Search projects",
  "projects.recent": "Recently visited",
  "projects.all": "All projects",
  "projects.activities": { one: "{count} in 30 days", other: "{count} in 30 days" },
  "projects.activities-at-least": { one: "{count}+ in 30 days", other: "{count}+ in 30 days" },
  "projects.failures": { one: "{count} failure", other: "{count} failures" },
  "projects.failures-at-least": { one: "{count}+ failures", other: "{count}+ failures" },
  "projects.found": { one: "{count} project found", other: "{count} projects found" },
  "projects.more": "Show more projects",
  "projects.empty": "No projects yet",
  "projects.empty-hint": "A project appears here with its first activity, for those who may see it.",
  "projects.no-match": "No matching projects",
  "projects.no-match-hint": "No project that you may see has this in its ID.",
  "projects.error": "The projects can't be shown",

  // Action types that are built in, with the labels that the server has for them
  "action.project_created": "Project created",
  "action.database_created": "Database created",
  "action.endpoints_added": "Endpoints added",
  "action.queries_executed": "Queries executed",
  "action.deployment": "Deployment",
  "action.github_push": "GitHub push",

  // Statuses
  "status.success": "success",
  "status.failure": "failure",
  "status.panicked": "panicked",
  "status.cancelled": "cancelled",

  // One activity
  "row.activity": "Activity",
  "row.by": "{label} by {user}",
  "row.only": "Only {value}",
  "row.only-named": "Only {name} {value}",
  "row.show-all": "Show all",
  "row.show-less": "Show less",
  "row.more": { one: "{count} more", other: "{count} more" },
  "row.request": "request",
  "row.references": "references",

  // Counts and times
  "count.activities": { one: "{count} activity", other: "{count} activities" },
  "count.new": { one: "{count} new activity", other: "{count} new activities" },
  "count.new-at-least": { one: "{count}+ new activities", other: "{count}+ new activities" },
  "time.today": "Today",
  "time.yesterday": "Yesterday",
  "time.no-date": "No date",
  "time.just-now": "just now",
  "time.minutes-ago": { one: "{count} min ago", other: "{count} min ago" },
  "time.hours-ago": { one: "{count} h ago", other: "{count} h ago" },

  // The bars
  "histogram.label": "Activities per day. Arrow keys move, Shift with arrow keys selects a range, Escape clears it.",
  "histogram.other": "Other",
  "histogram.more": { one: "{count} more", other: "{count} more" },

  // Filters
  "filter.label": "Filter activities",
  "filter.active": "Active filters",
  "filter.search": "Search details",
  "filter.actions": "Actions",
  "filter.actions-chosen": { one: "Actions · {count}", other: "Actions · {count}" },
  "filter.action-types": "Action types",
  "filter.any-status": "Any status",
  "filter.dates": "Dates",
  "filter.date-from": "From",
  "filter.date-to": "To",
  "filter.today": "Today",
  "filter.last-7-days": "Last 7 days",
  "filter.last-30-days": "Last 30 days",
  "filter.clear-all": "Clear all",
  "filter.remove": "{name} {value}, remove filter",
  "filter.q": "Text",
  "filter.action_type": "Action",
  "filter.user_id": "User",
  "filter.request_id": "Request",
  "filter.status": "Status",
  "filter.environment": "Environment",
  "filter.reference": "Reference",
  "filter.created_after": "From",
  "filter.created_before": "Before",

  // States
  "live.connecting": "",
  "live.live": "Live",
  "live.reconnecting": "Reconnecting…",
  "live.paused": "Paused",
  "live.off": "Not live",
  "state.empty": "No activities yet",
  "state.empty-hint": "They appear here as soon as they are recorded.",
  "state.no-match": "No matching activities",
  "state.no-match-hint": "Nothing of this project matches all of the filters.",
  "state.clear-filters": "Clear filters",
  "state.error": "The activities can't be shown",
  "state.retry": "Retry",
  "state.unauthorized": "Access token needed",
  "state.token-wanted": "The server asks for a token to show these activities.",
  "state.token-refused": "The server does not accept this token, or no longer does.",
  "state.token": "Access token",
  "state.continue": "Continue",
  "state.end": "That is all.",
  "state.offline": "Offline: showing what was loaded",

  // Failures
  "failure.unreachable": "The server can't be reached.",
  "failure.unreadable": "The server's answer can't be read.",
  "failure.status": "The server answered with status {status}.",
};
