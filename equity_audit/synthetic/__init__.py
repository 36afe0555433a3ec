"""Made-up employers with known disparities: records to try the pipeline on, and the true effects to judge it by.

organisation.py describes the employers and the effects built in; generate.py draws applicants, workforce.py staff,
survey.py answers; truth.py says what the records should show; files.py writes them, and sample.py the bundled sample.
history.py draws monthly counts around a programme, with and without an effect. No real people are in it.
"""

from equity_audit.synthetic.files import write, write_beside
from equity_audit.synthetic.generate import SyntheticExtracts, generate, to_long
from equity_audit.synthetic.organisation import LARGE_TRUST, SMALL_EMPLOYER, Employer
from equity_audit.synthetic.sample import write_sample
from equity_audit.synthetic.workforce import generate_workforce

__all__ = [
    "LARGE_TRUST",
    "SMALL_EMPLOYER",
    "Employer",
    "SyntheticExtracts",
    "generate",
    "generate_workforce",
    "to_long",
    "write",
    "write_beside",
    "write_sample",
]
