"""The JSON API: as its description says, for whom the pages are, and recorded like them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from tests.integration.channels.world import STAFF

from tahseel.app import clock
from tahseel.kernel.ids import new_id
from tahseel.trust.audit import sequencer

Leaves = Callable[..., list[dict[str, Any]]]
READERS = ("clerk", "office_head", "revenue_manager", "auditor")
BASE = "/api/v1"


@pytest.fixture(autouse=True)
def _sequenced(world: Any) -> None:
    sequencer.sequence_pending(at=clock.now())


@pytest.fixture
def described(world: Any, sign_in: Any) -> Any:
    """The description of the API, and a clerk's session for every request."""
    from django.conf import settings as django_settings
    from django.core.wsgi import get_wsgi_application

    session = sign_in("clerk").cookies[django_settings.SESSION_COOKIE_NAME].value
    schema = schemathesis.openapi.from_wsgi(f"{BASE}/openapi.json", get_wsgi_application())
    return schema, {django_settings.SESSION_COOKIE_NAME: session}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_as_the_description_says(
    world: Any, described: Any, mode: GenerationMode
) -> None:
    schema, cookies = described
    tried = []
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
        def each(case: Any) -> None:
            if mode is GenerationMode.POSITIVE and len(tried) % 2:
                account = str(world.accounts[world.resident])
                case.path_parameters = {"kind": "account", "id": account}
            tried.append(case.call_and_validate(cookies=cookies).status_code)

        each()

    expected = {200, 404} if mode is GenerationMode.POSITIVE else {404, 405, 422}
    assert tried
    assert set(tried) <= expected


def story(client: Any, path: str) -> Any:
    return client.get(f"{BASE}/timeline/{path}", headers={"Accept": "application/json"})


def test_the_api_tells_the_story_that_the_page_tells(world: Any, sign_in: Any) -> None:
    account = world.accounts[world.resident]
    told = story(sign_in("clerk"), f"account/{account}").json()
    page = sign_in("clerk").get(f"/timeline/account/{account}/").content.decode()

    assert told["subject"]["reference"] == world.number(world.resident)
    assert told["steps"]
    assert page.count('<span class="knot">') == len(told["steps"])
    for step in told["steps"]:
        assert step["actor"]
        assert step["leaf"]["outcome"] == "done"
        assert step["text_ar"] != step["text_en"]
    bill = next(step for step in told["steps"] if step["code"] == "billing.issued")
    assert f"KD {bill['facts']['total_fils'] / 1000:,.3f}" in bill["text_en"]


def test_following_next_tells_everything_once(world: Any, sign_in: Any) -> None:
    clerk, path = sign_in("clerk"), f"customer/{world.resident}"
    whole = story(clerk, path).json()["steps"]

    steps, further = [], ""
    while True:
        page = clerk.get(
            f"{BASE}/timeline/{path}", {"limit": 4, **({"before": further} if further else {})}
        ).json()
        steps += page["steps"]
        further = page["next"]
        if further is None:
            break

    assert steps == whole


def test_a_read_through_the_api_is_recorded(world: Any, sign_in: Any, leaves: Leaves) -> None:
    story(sign_in("auditor"), f"customer/{world.resident}")

    read = [leaf for leaf in leaves("read") if leaf["facts"].get("of") == "timeline"]
    assert [(leaf["subject"], leaf["purpose"]) for leaf in read] == [(str(world.resident), "audit")]


@pytest.mark.parametrize("username", [*[r for r in STAFF if r not in READERS], "resident"])
def test_who_may_not_read_the_page_may_not_read_the_api(
    world: Any, sign_in: Any, username: str, leaves: Leaves
) -> None:
    before = len(leaves("read"))

    told = story(sign_in(username), f"customer/{world.resident}")

    assert (told.status_code, told.json()["code"]) == (403, "not_allowed")
    assert len(leaves("read")) == before
    assert [leaf["outcome"] for leaf in leaves("access.open_page")] == ["denied"]


def test_without_a_session_nothing_is_told(world: Any, sign_in: Any) -> None:
    told = story(sign_in(), f"customer/{world.resident}")

    assert (told.status_code, told.json()["code"]) == (401, "sign_in_needed")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("person/{id}", 422, "request_unreadable"),
        ("customer/1", 422, "request_unreadable"),
        ("customer/{id}", 404, "not_found"),
        ("customer/{id}?before=x", 404, "page_unknown"),
        ("customer/{id}?limit=0", 422, "request_unreadable"),
        ("customer/{id}?family=weather", 422, "request_unreadable"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_both_languages(
    world: Any, sign_in: Any, path: str, status: int, code: str
) -> None:
    told = story(sign_in("clerk"), path.format(id=new_id(clock.now())))

    assert (told.status_code, told.json()["code"]) == (status, code)
    assert told.json()["text_ar"]
    assert told.json()["text_en"]


@pytest.mark.parametrize(("day", "told"), [("0001-01-01", False), ("9999-12-31", True)])
def test_a_day_beyond_the_calendar_counts_as_its_last_one(
    world: Any, sign_in: Any, day: str, told: bool
) -> None:
    answer = story(sign_in("clerk"), f"account/{world.accounts[world.resident]}?until={day}")

    assert answer.status_code == 200
    assert bool(answer.json()["steps"]) is told
