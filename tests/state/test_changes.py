"""What clients wrote, as workers share it: by session, seen at once, taken back, bounded."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from mock_server.errors import Problem
from mock_server.state import EVERYONE, FIRST, Change, Changes, Sessions, SharedState, open_counts


def write(changes: Changes, key: str, values: str | None, session: str = "", collection: str = "zoo/pets") -> None:
    with changes.changing():
        changes.put(session, collection, "", key, values)


def test_what_one_worker_writes_every_worker_sees_at_once(tmp_path: Path) -> None:
    one, other = Changes(tmp_path), Changes(tmp_path)
    assert not other.find("", "zoo/pets")
    write(one, "7", '{"id":7}')
    assert other.version[0]
    assert other.find("", "zoo/pets").all() == (Change(1, "", "7", '{"id":7}'),)
    write(other, "7", None)
    assert one.find("", "zoo/pets").all() == (Change(1, "", "7", None),)


def test_sessions_and_collections_do_not_see_each_other(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    write(changes, "7", "{}", session="~ann/1/")
    write(changes, "7", "{}", collection="zoo/owners")
    assert not changes.find("", "zoo/pets") and not changes.find("~bob/1/", "zoo/pets")
    assert len(changes.find("~ann/1/", "zoo/pets")) == 1


def test_a_record_that_is_written_again_keeps_its_place(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    for key, values in (("a", "1"), ("b", "2"), ("a", "3")):
        write(changes, key, values)
    assert [(each.key, each.values) for each in changes.find("", "zoo/pets").all()] == [("a", "3"), ("b", "2")]


def test_what_is_read_again_is_the_same_value_until_something_else_is_written(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    write(changes, "7", "{}")
    before = changes.find("", "zoo/pets")
    write(changes, "8", "{}", session="~ann/1/")
    assert changes.find("", "zoo/pets") is before


def test_what_fails_in_the_middle_is_not_written(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    with pytest.raises(ZeroDivisionError), changes.changing():
        changes.put("", "zoo/pets", "", "7", "{}")
        raise ZeroDivisionError
    assert not changes.find("", "zoo/pets")


def test_a_session_has_no_more_changes_than_there_may_be(tmp_path: Path) -> None:
    changes = Changes(tmp_path, most=2)
    write(changes, "1", "{}")
    write(changes, "2", "{}")
    with pytest.raises(Problem) as refused:
        write(changes, "3", "{}")
    assert refused.value.status == 507 and len(changes.find("", "zoo/pets")) == 2
    write(changes, "3", "{}", session="~ann/1/")
    write(changes, "2", None)  # what is changed already may change again


@pytest.mark.parametrize(("prefix", "left"), [("", {"~a_b/1/", "~axb/1/"}), ("~a_b/", {"", "~axb/1/"})])
def test_the_changes_of_one_session_are_taken_back_and_no_others(tmp_path: Path, prefix: str, left: set[str]) -> None:
    changes, scopes = Changes(tmp_path), ("", "~a_b/1/", "~axb/1/")
    for scope in scopes:
        write(changes, "7", "{}", session=scope)
    changes.forget(prefix)
    assert {scope for scope in scopes if changes.find(scope, "zoo/pets")} == left


def test_a_session_that_is_reset_or_ends_takes_its_changes_with_it(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    sessions = Sessions(tmp_path, SharedState(open_counts(), changes))
    scope = sessions.get("ann").scope
    write(changes, "7", "{}", session=scope)
    write(changes, "7", "{}")
    sessions.delete("ann")
    assert not changes.find(scope, "zoo/pets") and changes.find("", "zoo/pets")
    sessions.reset("default")
    assert not changes.find("", "zoo/pets")


def test_workers_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    workers = [Changes(tmp_path) for _ in range(4)]

    def work(number: int) -> None:
        for each in range(50):
            write(workers[number], f"{number}-{each}", "{}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {len(worker.find("", "zoo/pets")) for worker in workers} == {200}


def test_a_record_that_is_created_again_is_a_new_one_at_the_end(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    write(changes, "a", None)
    write(changes, "b", "2")
    with changes.changing():
        changes.put("", "zoo/pets", "", "a", "3", is_new=True)
    write(changes, "a", "4")
    assert [(each.key, each.values, each.is_new) for each in changes.find("", "zoo/pets").all()] == [
        ("b", "2", False),
        ("a", "4", True),
    ]


def test_what_was_written_since_an_earlier_look_is_told_apart(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    write(changes, "a", "1")
    before = changes.find("", "zoo/pets")
    write(changes, "b", "2")
    write(changes, "a", None)
    after = changes.find("", "zoo/pets")
    assert [(each.key, each.values) for each in after.since(before) or ()] == [("b", "2"), ("a", None)]
    assert before.all() == (Change(1, "", "a", "1"),)


def test_after_changes_were_taken_back_nothing_goes_on_from_before(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    write(changes, "a", "1")
    before = changes.find("", "zoo/pets")
    changes.forget("")
    write(changes, "b", "1")
    after = changes.find("", "zoo/pets")
    assert after.since(before) is None
    assert [each.key for each in after.all()] == ["b"]


def test_one_record_that_is_written_for_ever_is_one_record(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    for number in range(3_000):
        write(changes, "a", str(number))
        changes.find("", "zoo/pets")
    written = changes.find("", "zoo/pets")
    assert [each.values for each in written.all()] == ["2999"]
    assert len(written._log.changes) < 2_500


def test_what_is_undone_was_never_there_for_anybody(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    write(changes, "a", "1")
    before = changes.find("", "zoo/pets")
    with pytest.raises(ZeroDivisionError), changes.changing():
        changes.put("", "zoo/pets", "", "b", "2")
        assert len(changes.read("", "zoo/pets")) == 2
        raise ZeroDivisionError
    write(changes, "c", "3")
    after = changes.find("", "zoo/pets")
    assert [each.key for each in after.since(before) or ()] == ["c"]


def test_every_session_begins_with_the_records_of_everyone_and_changes_its_own_of_them(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    with changes.changing():
        changes.put(EVERYONE, "zoo/pets", "", "a", "1", place=FIRST)
    assert changes.has_any("") and changes.has_any("~ann/1/")
    write(changes, "a", "2", session="~ann/1/")
    (anns,), (others,) = (changes.find(scope, "zoo/pets").all() for scope in ("~ann/1/", ""))
    assert (anns.values, anns.place, others.values) == ("2", FIRST, "1")
    assert others.is_given and not anns.is_given, "a client says all of a record"
    changes.forget("~ann/")
    assert changes.find("~ann/2/", "zoo/pets").all() == (others,)


def test_a_session_without_changes_has_none(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    assert not changes.has_any("")
    write(changes, "a", "1", session="~ann/1/")
    assert changes.has_any("~ann/1/") and not changes.has_any("")
