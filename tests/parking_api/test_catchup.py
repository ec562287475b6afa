from parking_api.catchup import CatchUp


def test_nothing_to_read_is_caught_up_at_once():
    catch_up = CatchUp()
    assert not catch_up.done
    catch_up.begin({0: (0, 0), 1: (7, 7)})
    assert catch_up.done


def test_the_last_record_before_the_end_seen_at_the_start_suffices():
    catch_up = CatchUp()
    catch_up.begin({0: (0, 10)})
    catch_up.saw(0, 8)
    assert not catch_up.done
    catch_up.saw(0, 9)
    assert catch_up.done


def test_a_record_beyond_a_gap_at_the_end_counts():
    catch_up = CatchUp()
    catch_up.begin({0: (0, 10)})
    catch_up.saw(0, 7)
    catch_up.saw(0, 12)
    assert catch_up.done


def test_the_consumers_word_counts_where_the_last_offsets_hold_no_record():
    catch_up = CatchUp()
    catch_up.begin({0: (0, 10)})
    catch_up.saw(0, 7)
    catch_up.reached_end(0)
    assert catch_up.done


def test_every_partition_has_to_be_caught_up_with():
    catch_up = CatchUp()
    catch_up.begin({0: (0, 1), 1: (0, 1)})
    catch_up.saw(0, 0)
    assert (catch_up.done, catch_up.behind, catch_up.partitions) == (False, 1, 2)
    catch_up.saw(1, 0)
    assert catch_up.done


def test_an_added_partition_does_not_undo_it():
    catch_up = CatchUp()
    catch_up.begin({0: (0, 0)})
    catch_up.begin({1: (0, 5)})
    assert (1 in catch_up, 2 in catch_up) == (True, False)
    assert (catch_up.done, catch_up.behind) == (True, 1)
