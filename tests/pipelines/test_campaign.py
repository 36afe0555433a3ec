"""A campaign small enough for every day: make campaign runs a large one."""

import pytest

from tests.campaign import main
from tests.made_up import Sizes, organisation, records


def test_an_organisation_is_determined_by_its_seed() -> None:
    for number in range(20):
        one = organisation(1, number, Sizes((300, 320), 2))
        assert one == organisation(1, number, Sizes((300, 320), 2))
    assert records(one).first.equals(records(one).first)
    assert organisation(2, 0, Sizes()) != organisation(1, 0, Sizes())


def test_a_small_campaign_fails_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = {
        "organisations": 1,
        "kills": 1,
        "attacked": 1,
        "seed": 20758,
        "smallest": 60,
        "largest": 90,
        "splits": 0,
        "jobs": 0,
    }
    code = main([f"--{name}={value}" for name, value in sizes.items()])
    said = capsys.readouterr()
    assert code == 0, said.out + said.err
