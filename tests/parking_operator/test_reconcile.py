"""A pass over a lot, in a world of memory and in a flaky one."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parking_operator.objects import Ref
from parking_operator.reconcile import Outcome, reconcile
from parking_operator.render import render
from parking_operator.site import Claim, Site
from parking_operator.status import ConditionType, Reason
from parking_operator.world import MemoryWorld, WorldError
from tests.support.worlds import CLAIMING, SITE, FlakyWorld, LivelyWorld, make_lot

START = datetime(2030, 1, 1, tzinfo=UTC)
CLAIM = Ref("v1", "PersistentVolumeClaim", "default", "central-sessions-checkpoint")
GATEWAY = Ref("apps/v1", "Deployment", "default", "central-gateway")


def at(world: MemoryWorld, *, minutes: int = 0, site: Site = SITE, **spec: Any) -> Outcome:
    return reconcile(make_lot(**spec), site, world, clock=lambda: START + timedelta(minutes=minutes))


def names(refs: tuple[Ref, ...]) -> list[str]:
    return [str(ref) for ref in refs]


def test_the_first_pass_makes_everything_in_order() -> None:
    world = LivelyWorld()
    outcome = at(world)
    assert list(world.objects) == list(outcome.applied)
    assert len(outcome.applied) == len(render(make_lot(), SITE))
    assert outcome.status.is_ready
    assert world.statuses["central"] == outcome.status


def test_a_second_pass_writes_nothing() -> None:
    world = LivelyWorld()
    at(world)
    world.writes.clear()
    outcome = at(world, minutes=5)
    assert world.writes == []
    assert outcome.applied == outcome.removed == ()


def test_an_edit_of_the_cameras_touches_cameras_only() -> None:
    world = LivelyWorld()
    at(world, cameras={"count": 2})
    outcome = at(world, cameras={"count": 6})
    assert set(names(outcome.applied)) == {
        "ConfigMap central-cameras-1",
        "Deployment central-cameras-1",
        "ConfigMap central-cameras-2",
        "Deployment central-cameras-2",
    }


def test_fewer_cameras_and_suspension_are_pruned_cameras_first() -> None:
    world = LivelyWorld()
    at(world, cameras={"count": 8})
    assert names(at(world, cameras={"count": 4}).removed) == [
        "Deployment central-cameras-2",
        "ConfigMap central-cameras-2",
    ]
    outcome = at(world, cameras={"count": 4}, suspend=True)
    removed = names(outcome.removed)
    assert removed[0] == "Deployment central-cameras-1"
    assert "SparkApplication central-sessions" in removed
    components = ["cameras" in name for name in removed]
    assert components == sorted(components, reverse=True), "all of the cameras before anything of the job"
    assert outcome.status.condition(ConditionType.SESSION_JOB_READY).reason is Reason.SUSPENDED


@pytest.mark.parametrize(("policy", "removed"), [("Retain", []), ("Delete", ["KafkaTopic central-raw-data"])])
def test_a_topic_left_behind_is_removed_only_on_request(policy: str, removed: list[str]) -> None:
    world = LivelyWorld()
    at(world)
    assert names(at(world, topics={"raw": "other"}, deletionPolicy=policy).removed) == removed


def test_a_hand_edit_is_undone_and_a_lost_child_comes_back() -> None:
    world = LivelyWorld()
    at(world)
    world.objects[GATEWAY]["spec"]["replicas"] = 7
    assert names(at(world).applied) == ["Deployment central-gateway"]
    assert world.objects[GATEWAY]["spec"]["replicas"] == 2
    del world.objects[GATEWAY]
    assert names(at(world).applied) == ["Deployment central-gateway"]


def test_a_claim_stays_as_it_was_made_whatever_the_site_gives_now() -> None:
    world = LivelyWorld()
    at(world, site=CLAIMING)
    world.objects[CLAIM]["spec"]["volumeName"] = "pv-1"
    made = dict(world.objects[CLAIM]["spec"])
    larger = dataclasses.replace(CLAIMING, checkpoint_claim=Claim(size="9Gi", storage_class="files"))
    at(world, site=larger)
    assert world.objects[CLAIM]["spec"] == made
    assert at(world, site=larger).applied == (), "looked at once, then left alone"
    world.objects[CLAIM]["metadata"]["labels"].pop("app.kubernetes.io/part-of")
    assert names(at(world, site=larger).applied) == [str(CLAIM)], "all but the spec is looked after"
    del world.objects[CLAIM]
    at(world, site=larger)
    assert world.objects[CLAIM]["spec"]["resources"]["requests"]["storage"] == "9Gi"


@pytest.mark.parametrize(
    "edit",
    [
        {"suspend": True},
        {"sessions": {"engine": "Embedded"}},
        {"sessions": {"checkpoint": {"claimName": "ours"}}},
        {"sessions": {"checkpoint": {"location": "s3a://mine"}}},
    ],
)
def test_a_claim_that_nothing_mounts_any_more_goes(edit: dict[str, Any]) -> None:
    world = LivelyWorld()
    at(world, site=CLAIMING)
    assert str(CLAIM) in names(at(world, site=CLAIMING, **edit).removed)


def test_what_a_world_adds_is_left_alone() -> None:
    world = LivelyWorld()
    at(world)
    world.objects[GATEWAY]["spec"]["progressDeadlineSeconds"] = 600
    assert at(world).applied == ()


def test_a_child_that_fails_does_not_stop_the_others() -> None:
    class Refusing(LivelyWorld):
        def apply(self, manifest: Any) -> None:
            if manifest["kind"] == "KafkaTopic":
                raise WorldError("no broker answers")
            super().apply(manifest)

    outcome = at(Refusing())
    assert len(outcome.failures) == 3
    topics = outcome.status.condition(ConditionType.TOPICS_READY)
    assert (topics.reason, topics.message) == (
        Reason.NOT_APPLIED,
        "KafkaTopic central-processed-data: no broker answers",
    )
    assert outcome.status.condition(ConditionType.GATEWAY_READY).status == "True"
    assert outcome.status.condition(ConditionType.READY).message == f"TopicsReady: {topics.message}"


@pytest.mark.parametrize("world", [LivelyWorld(), FlakyWorld()], ids=["good", "flaky"])
def test_every_world_comes_to_the_same_end(world: MemoryWorld) -> None:
    passes = 0
    while not (outcome := at(world, minutes=passes)).status.is_ready or outcome.failures:
        passes += 1
        assert passes < 10
    assert {ref.name for ref in world.objects} == {m["metadata"]["name"] for m in render(make_lot(), SITE)}


def test_a_child_that_cannot_be_removed_is_told() -> None:
    class Keeping(LivelyWorld):
        def remove(self, ref: Ref, *, keep_data: bool = False) -> None:
            raise WorldError(f"{ref} is held")

    world = Keeping()
    at(world, cameras={"count": 8})
    cameras = at(world, cameras={"count": 4}).status.condition(ConditionType.CAMERAS_READY)
    assert cameras.reason is Reason.NOT_APPLIED
    assert "is held" in cameras.message


def test_two_lots_in_one_world_do_not_see_each_other() -> None:
    world = LivelyWorld()
    at(world)
    other = reconcile(make_lot(name="harbour"), SITE, world)
    assert not other.removed
    assert at(world).applied == ()


def test_a_world_that_cannot_be_observed_is_an_error() -> None:
    class Blind(MemoryWorld):
        def observe(self, lot: Any) -> Any:
            raise WorldError("API server away")

    with pytest.raises(WorldError, match="API server away"):
        at(Blind())


def test_a_lot_whose_topics_are_an_older_ones_touches_nothing() -> None:
    world = LivelyWorld()
    world.taken = {"raw-data": "default/harbour"}
    outcome = at(world)
    assert world.objects == {}
    assert outcome.applied == ()
    ready = outcome.status.condition(ConditionType.READY)
    assert ready.reason is Reason.CONFLICT
    assert "topic raw-data belongs to ParkingLot default/harbour" in ready.message
    world.taken = {}
    assert at(world).status.is_ready


def test_what_an_older_lot_has_is_never_taken_for_a_former_topic_of_ones_own() -> None:
    """Else a lot that stood back, and was then given another name for its topic, would delete the older lot's."""
    world = LivelyWorld()
    at(world)  # stands for the older lot's topic on the same broker
    world.statuses.clear()
    world.taken = {"raw-data": "default/harbour"}
    assert at(world, deletionPolicy="Delete").status.topics == ()


def test_a_former_topic_that_another_lot_names_now_is_let_go_with_its_records() -> None:
    world = LivelyWorld()
    at(world, deletionPolicy="Delete")
    world.passed_on = frozenset({"raw-data"})
    topics = {"raw": "other", "quarantine": "refused"}
    assert names(at(world, topics=topics, deletionPolicy="Delete").removed) == [
        "KafkaTopic central-raw-data",
        "KafkaTopic central-quarantine",
    ]
    assert world.kept_topics == {"raw-data"}


def test_the_status_names_the_topics_that_exist() -> None:
    world = LivelyWorld()
    assert at(world).status.topics == ("processed-data", "quarantine", "raw-data")
    assert "raw-data" in at(world, topics={"raw": "other"}).status.topics, "kept, and still ours to look after"
    assert "raw-data" not in at(world, topics={"raw": "other"}, deletionPolicy="Delete").status.topics
