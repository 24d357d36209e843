"""A house gets its supply: from the owner's application to the first account, on the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.integration.channels.conftest import bank, leaves, sign_in, world
from tests.integration.channels.services import site

from tahseel.kernel import outbox

__all__ = ["bank", "leaves", "sign_in", "world"]
Pages = Callable[..., Any]


def paper(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.pdf", site.PDF + name.encode(), "application/pdf")


class Story:
    """The people of the story, each at an own screen."""

    def __init__(self, sign_in: Pages) -> None:
        self.owner = sign_in("neighbour")
        self.engineer = sign_in("engineer")
        self.inspector = sign_in("inspector")
        self.connector = sign_in("connector")
        self.reference = ""

    @property
    def path(self) -> str:
        return f"/applications/{self.reference}/"

    def intent(self) -> str:
        page = self.owner.get("/services/new_connection/apply/").content.decode()
        found = re.search(r'name="intent" value="([0-9a-f-]{36})"', page)
        assert found
        return found[1]

    def apply(self, **files: Any) -> None:
        answer = self.owner.post(
            "/services/new_connection/apply/",
            {"intent": self.intent(), "place": site.PLATE, "services": ["electricity", "water"],
             "load_kw": "60", **files},
        )  # fmt: skip
        assert answer.status_code == 302, answer.content.decode()
        self.reference = answer["Location"].strip("/").split("/")[-1]

    def act(self, client: Any, what: str, **given: Any) -> str:
        """Post one act and read the page that follows."""
        answer = client.post(f"{self.path}{what}/", given, follow=True)
        assert answer.status_code == 200, answer.content.decode()
        return str(answer.content.decode())

    def read(self, client: Any) -> str:
        answer = client.get(self.path)
        assert answer.status_code == 200
        return str(answer.content.decode())


@pytest.fixture
def story(world: Any, sign_in: Pages) -> Story:
    site.prepare(world)
    return Story(sign_in)


def pay(story: Story, bank: Any) -> None:
    """The owner pays by the reference, the bank says yes, the worker takes notice."""
    from tahseel.app import clock
    from tahseel.channels.services import consumers

    page = story.owner.get(f"/pay/{story.reference}/").content.decode()
    intent = re.search(r'name="intent" value="([0-9a-f-]{36})"', page)
    amount = re.search(r'name="amount" value="([0-9.]+)"', page)
    assert intent
    assert amount
    bank.outcome = "captured"
    sent = story.owner.post(f"/pay/{story.reference}/", {"intent": intent[1], "amount": amount[1]})
    assert sent.status_code == 302
    story.owner.get(f"/payments/{intent[1]}/result")
    outbox.sequence_pending(at=clock.now())
    consumers.step(at=clock.now())


def test_a_house_gets_its_supply(world: Any, story: Story, bank: Any) -> None:
    """Told in the order in which it happens; each step is done by whoever has the duty."""
    # The owner applies from home, and forgets the plan.
    story.apply(paper_ownership=paper("deed"))
    assert "Waits for documents" in story.read(story.owner)
    assert "Approved electrical plan" in story.read(story.owner)

    # The engineer cannot begin before the plan is there.
    refused = story.engineer.post(
        f"{story.path}study/", {"network_point": "SS-12/F3", "available_kw": "200"}
    )
    assert refused.status_code == 422
    assert "Required documents are still missing" in refused.content.decode()
    story.act(story.owner, "papers", kind="electrical_plan", file=paper("plan"))

    # The network carries the load; the fee follows from the book.
    assert story.reference in story.engineer.get("/applications/").content.decode()
    studied = story.act(story.engineer, "study", network_point="SS-12/F3", available_kw="200")
    assert "The network carries the load" in studied
    story.act(story.engineer, "quote")
    asked = story.read(story.owner)
    assert "Pay the fee" in asked
    assert "190.000" in asked

    # The owner pays through the bank's page, and the application goes on by itself.
    pay(story, bank)
    assert "Waits for the inspection" in story.read(story.owner)

    # The inspector finds a fault; it is put right; the second visit is passed.
    story.act(story.inspector, "fail", reasons="No earth at the main board")
    told = story.read(story.owner)
    assert "No earth at the main board" in told
    story.act(story.owner, "again")
    story.act(story.inspector, "pass")

    # The meters are hung, and the account is the owner's.
    given = story.act(
        story.connector,
        "energise",
        **{
            "electricity-serial": "E-70001", "electricity-opening": "000003",
            "water-serial": "W-70001", "water-opening": "W=000000",
        },
    )  # fmt: skip
    assert "The place has its supply." in given
    assert "Has supply" in story.read(story.owner)
    accounts = story.owner.get("/accounts/").content.decode()
    assert "Surra" in accounts
    assert world.number(world.neighbour) in accounts


def test_the_story_is_in_the_log_with_everybody_who_took_part(
    world: Any, story: Story, bank: Any, leaves: Callable[..., list[dict[str, Any]]]
) -> None:
    story.apply(paper_ownership=paper("deed"), paper_electrical_plan=paper("plan"))
    story.act(story.engineer, "study", network_point="SS-12/F3", available_kw="200")
    story.act(story.engineer, "quote")
    pay(story, bank)
    story.act(story.inspector, "pass")

    acts = [leaf for leaf in leaves() if leaf["action"].startswith("services.")]

    assert [leaf["action"].split(".")[1] for leaf in acts] == [
        "apply", "record_study", "quote", "confirm_paid", "record_inspection",
    ]  # fmt: skip
    assert len({leaf["actor"]["id"] for leaf in acts}) == 4
    assert all(leaf["outcome"] == "done" for leaf in acts)
