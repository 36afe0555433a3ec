"""The bundled sample: six years of the made-up small employer, with a correction, staff and a survey.

data/synthetic/README.md says what each file holds and what was put in.
"""

from datetime import date
from pathlib import Path

from equity_audit.synthetic.files import write, write_beside
from equity_audit.synthetic.generate import generate
from equity_audit.synthetic.organisation import SMALL_EMPLOYER
from equity_audit.synthetic.survey import generate_answers
from equity_audit.synthetic.workforce import generate_workforce

YEARS, FIRST_DAY = 6, date(2018, 4, 1)
APPLICATIONS, SEED = 9_600, 70


def write_sample(out: Path) -> list[Path]:
    """Write applications to `out` (.csv or .parquet), and beside it all other files of the sample. Return the paths.

    Raises UsageError.
    """
    extracts = generate(APPLICATIONS, SEED, years=YEARS, first_day=FIRST_DAY, corrections=True, employer=SMALL_EMPLOYER)
    staff = generate_workforce(SEED, years=YEARS, first_day=FIRST_DAY, employer=SMALL_EMPLOYER)
    return [
        *write(extracts, out, "wide"),
        write_beside(staff, out, "workforce"),
        write_beside(generate_answers(SEED), out, "survey"),
    ]
