"""Write synthetic records. The only module of equity_audit that writes files, and only with data of its own."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import polars as pl

from equity_audit.errors import Problem, UsageError
from equity_audit.synthetic.generate import SyntheticExtracts, to_long


def write(extracts: SyntheticExtracts, out: Path, shape: Literal["wide", "long"]) -> list[Path]:
    """Write the extract to `out` (.csv or .parquet), and its truth and corrections beside it. Return the paths.

    Each file is built aside and renamed, so that none is ever incomplete. Raises UsageError.
    """
    if out.suffix not in (".csv", ".parquet"):
        raise UsageError(Problem("the file's name must end in .csv or .parquet", str(out), "give another --out"))
    frames = {out: extracts.wide}
    if extracts.corrections is not None:
        frames[out.with_name(f"{out.stem}.corrections{out.suffix}")] = extracts.corrections
    truth = out.with_name(f"{out.stem}.truth.json")
    try:
        for path, wide in frames.items():
            frame = to_long(wide) if shape == "long" else wide
            # Text, as in a real export: few readers understand an Enum.
            text = frame.with_columns(pl.col(pl.Enum).cast(pl.String)) if out.suffix == ".parquet" else frame
            _place(path, text.write_parquet if out.suffix == ".parquet" else text.write_csv)
        facts = json.dumps(extracts.truth, indent=1) + "\n"
        _place(truth, lambda path: path.write_text(facts, encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            Problem(f"the file cannot be written ({error.strerror})", str(out), "check the folder and the free space")
        ) from None
    return [*frames, truth]


def write_beside(counts: pl.DataFrame, out: Path, what: Literal["workforce", "survey"]) -> Path:
    """Write headcounts or answers beside the extract `out` and return the path. Raises UsageError."""
    target = out.with_name(f"{out.stem}.{what}.csv")
    try:
        _place(target, counts.write_csv)
    except OSError as error:
        raise UsageError(
            Problem(
                f"the file cannot be written ({error.strerror})", str(target), "check the folder and the free space"
            )
        ) from None
    return target


def _place(path: Path, save: Callable[[Path], object]) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        save(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
