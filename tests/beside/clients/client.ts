// A client in TypeScript: types that are generated from the description, with `openapi-fetch`.

import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };

type Activity = components["schemas"]["Activity"];

const client = createClient<paths>({ baseUrl: process.argv[2]! });
const path = { project_id: "project_7" };

function same(found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${found} is not ${expected}`);
}

async function all(): Promise<Activity[]> {
  const activities: Activity[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: 4, status: "success", cursor };
    const { data, error } = await client.GET("/api/projects/{project_id}/activities", { params: { path, query } });
    if (!data) throw new Error(error?.detail);
    if (!("data" in data)) throw new Error("blocks were not asked for");
    activities.push(...data.data);
    cursor = data.next_cursor;
  }
  return activities;
}

const activities = await all();
same(activities.length, 9);
const newest: Activity | undefined = activities[0];
same(newest?.action_id, "action-9");
// What is always sent need not be looked for.
const user: string | null | undefined = newest?.user_id;
same(user, null);

const params = { path: { ...path, action_id: "action-3" } };
const one = await client.GET("/api/projects/{project_id}/activities/{action_id}", { params });
same(one.data?.action_details, "deployed");

const stats = await client.GET("/api/projects/{project_id}/activities/stats", { params: { path } });
same(stats.data?.days.reduce((sum, day) => sum + day.total, 0), 9);

const query = { created_after: "yesterday" };
const wrong = await client.GET("/api/projects/{project_id}/activities", { params: { path, query } });
same(wrong.error?.parameter, "created_after");

console.log(`TypeScript has read ${activities.length} activities`);
