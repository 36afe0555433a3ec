"""ZIPs and workbooks that unpack to far more than they are: refused by what they do, whatever their own list says."""

import struct
import zipfile
from pathlib import Path

import duckdb
import pytest

from assets.ingest.source_files import open_source
from assets.ingest.zip_files import check_unpacked
from equity_audit.errors import InputRefused
from equity_audit.settings import load_settings

POLICY = load_settings().intake


def blanks(path: Path, millions: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as stream:
        stream.write(b"application_id,ethnicity\n")
        for _ in range(millions):
            stream.write(b" " * 1_000_000)
    return path


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.xlsx"])
def test_much_of_nothing_is_refused_with_the_limit(tmp_path: Path, name: str) -> None:
    path = blanks(tmp_path / name, 20)
    with (
        pytest.raises(InputRefused, match=r"unpacks to more than 10,000,000 bytes.*max_zip_ratio = 100"),
        duckdb.connect() as connection,
    ):
        open_source(connection, path)


def test_its_own_list_of_sizes_is_not_believed(tmp_path: Path) -> None:
    path = blanks(tmp_path / "liar.zip", 20)
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.rindex(b"PK\x01\x02") + 24, 100)
    path.write_bytes(content)
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].file_size == 100
    with pytest.raises(InputRefused, match="unpacks to more than"):
        check_unpacked(path, POLICY)


def test_size_and_members_have_limits_of_their_own(tmp_path: Path) -> None:
    path = blanks(tmp_path / "large.zip", 3)
    check_unpacked(path, POLICY)
    with pytest.raises(InputRefused, match="max_zip_bytes = 2,000,000"):
        check_unpacked(path, POLICY.model_copy(update={"max_zip_bytes": 2_000_000}))
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(4):
            archive.writestr(f"{number}.csv", "a,b\n1,2\n")
    check_unpacked(tmp_path / "many.zip", POLICY.model_copy(update={"max_zip_members": 4}))
    with pytest.raises(InputRefused, match=r"contains 4 files.*max_zip_members = 3"):
        check_unpacked(tmp_path / "many.zip", POLICY.model_copy(update={"max_zip_members": 3}))
