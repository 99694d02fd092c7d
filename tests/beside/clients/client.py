"""A client in Python that is generated from the description."""

import sys

from tracker_client import Client
from tracker_client.api.activities import count_activities, export_activities, get_activity, list_activities
from tracker_client.api.operation import check_readiness
from tracker_client.models import Activity, Page, Problem, Stats
from tracker_client.types import UNSET

client = Client(base_url=sys.argv[1])

activities: list[Activity] = []
cursor = UNSET
while cursor is not None:
    page = list_activities.sync("project_7", client=client, limit=4, status="success", cursor=cursor)
    assert isinstance(page, Page), page
    activities += page.data
    cursor = page.next_cursor
assert [activity.action_id for activity in activities] == [f"action-{number}" for number in range(9, 0, -1)]
assert activities[0].user_id is None

one = get_activity.sync("project_7", "action-3", client=client)
assert isinstance(one, Activity) and one.action_details == "deployed", one

stats = count_activities.sync("project_7", client=client)
assert isinstance(stats, Stats) and sum(day.total for day in stats.days) == 9, stats

download = export_activities.sync_detailed("project_7", client=client)
assert len(download.content.splitlines()) == 9, download

wrong = list_activities.sync("project_7", client=client, created_after="yesterday")
assert isinstance(wrong, Problem) and wrong.parameter == "created_after", wrong

assert check_readiness.sync_detailed(client=client).status_code == 200

print(f"Python has read {len(activities)} activities")
